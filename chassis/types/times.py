"""Times from clients and from DATETIME columns. All connections use UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema

from chassis.types.schemas import component

_A_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")


def _aware(stored: datetime) -> datetime:
    return stored.replace(tzinfo=UTC)


StoredTime = Annotated[datetime, AfterValidator(_aware)]
"""A time of a row, aware and in UTC."""


def _within_the_calendar(moment: datetime) -> datetime:
    """Databases, topics and JSON all support the years 1000 to 9999, in UTC and in milliseconds."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be in the years 1000 to 9999") from error
    if utc.year < 1000:
        raise ValueError("must be in the years 1000 to 9999")
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _text(value: object) -> object:
    """Rejects numbers and numeric texts, which pydantic takes for seconds since 1970."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _A_TIME.match(value)):
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text),
    AfterValidator(_within_the_calendar),
    WithJsonSchema(
        component(
            "Moment",
            type="string",
            format="date-time",
            pattern="^[1-9]",
            description="A time with its zone, in the years 1000 to 9999 (UTC), stored to the millisecond.",
            examples=["2026-01-31T12:00:00Z"],
        )
    ),
]
"""A time from a client: ISO 8601 with its zone."""
