"""The time of this process, as rows hold it: in UTC, without a zone, in milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def aware_now() -> datetime:
    """The current time, as rows of the contracts have it: in UTC, with its zone."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def now() -> datetime:
    """The current time."""
    return aware_now().replace(tzinfo=None)
