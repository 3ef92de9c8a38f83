"""Times as clients send them, and as they come out of a DATETIME column: in UTC, since every connection is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

_DATE_AND_TIME = re.compile(r"\s*\d{4}-\d{2}-\d{2}[Tt ]", re.ASCII)


def _aware(stored: datetime) -> datetime:
    return stored.replace(tzinfo=UTC)


StoredTime = Annotated[datetime, AfterValidator(_aware)]
"""A time of a row, aware and in UTC."""


def _within_the_calendar(moment: datetime) -> datetime:
    """Stores, topics and JSON all hold the years 1000 to 9999, in UTC and in milliseconds."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be in the years 1000 to 9999") from error
    if utc.year < 1000:
        raise ValueError("must be in the years 1000 to 9999")
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _text(value: object) -> object:
    """Of a text that is only a number pydantic would make a time of its own, and of 2026 half an hour past 1970."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DATE_AND_TIME.match(value)):
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_within_the_calendar)]
"""A time that a client sends: ISO 8601 with its zone."""
