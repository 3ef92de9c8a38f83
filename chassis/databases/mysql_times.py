"""Times as MySQL's columns have them: in UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def stored(moment: datetime) -> datetime: ...
@overload
def stored(moment: None) -> None: ...
def stored(moment: datetime | None) -> datetime | None:
    """An aware time as a column holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def aware(moment: datetime) -> datetime:
    """The time of a column, with its zone."""
    return moment.replace(tzinfo=UTC)
