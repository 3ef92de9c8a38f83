"""Enums of stored values, which may get values that this schema has no name for."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

UNKNOWN = "UNKNOWN"
"""The name of the member that stands for values without a name."""


class OpenEnum(Enum):
    """Base of enums with a member UNKNOWN, as which values without a name are read: they are never refused."""

    @classmethod
    def _missing_(cls, _: object) -> OpenEnum:
        return cls[UNKNOWN]


def stored_value(value: str, description: str) -> Any:
    """A member for this stored value."""
    return strawberry.enum_value(str(value), description=description)
