"""The time of this process, in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""The current time, with its zone."""


def now() -> datetime:
    """The current time, with its zone."""
    return datetime.now(UTC)
