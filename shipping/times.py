"""The time of this process, and times as rows have them: in UTC, in microseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""The current time, with its zone."""


def now() -> datetime:
    """The current time, with its zone."""
    return datetime.now(UTC)


def stored(moment: datetime) -> datetime:
    """The moment as MySQL has it, in UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(moment: datetime) -> datetime:
    """A moment that MySQL had, with its zone."""
    return moment.replace(tzinfo=UTC)
