"""The time of this process, as rows hold it: in UTC, without a zone, in milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current time."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=None)
