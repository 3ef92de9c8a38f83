"""Times from clients and from DATETIME columns. All connections use UTC.

Source: RFC 3339, 5.6 (date-time) and 5.7 (leap seconds).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema

from chassis.types.schemas import component

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(\.[0-9]+)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LEAP = "60"


def read_date_time(text: str) -> datetime:
    """A date-time of RFC 3339, in UTC, cut to microseconds. Raises ValueError for any other text.

    A leap second is read as the second after it; it can only be the last one of a month in UTC.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a date-time of RFC 3339")
    day, minute, second, fraction, zone = found.groups()
    offset = "+00:00" if zone in "Zz" else zone
    whole = datetime.fromisoformat(f"{day}T{minute}:{'59' if second == _LEAP else second}{offset}")
    microseconds = int(((fraction or ".")[1:7]).ljust(6, "0"))
    try:
        moment = whole.astimezone(UTC)
        if second == _LEAP:
            moment += timedelta(seconds=1)
            if (moment.day, moment.hour, moment.minute) != (1, 0, 0):
                raise ValueError("not a leap second")
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error
    return moment.replace(microsecond=microseconds)


def is_date_time(text: str) -> bool:
    """Whether `read_date_time` reads it."""
    try:
        read_date_time(text)
    except ValueError:
        return False
    return True


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


def _read(value: object) -> object:
    """Reads a text strictly; pydantic takes numbers for seconds since 1970, and more forms of ISO 8601."""
    if isinstance(value, datetime):
        return value
    try:
        return read_date_time(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z") from error


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_read),
    AfterValidator(_within_the_calendar),
    WithJsonSchema(
        component(
            "Moment",
            type="string",
            format="date-time",
            pattern="^[1-9]",
            description="A time of RFC 3339, in the years 1000 to 9999 (UTC), stored to the millisecond.",
            examples=["2026-01-31T12:00:00Z"],
        )
    ),
]
"""A time from a client: RFC 3339."""

MAX_AHEAD = timedelta(days=1)
"""How far a clock in the shop may be ahead, and its time zone wrong."""


def _has_happened(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + MAX_AHEAD:
        raise ValueError("is in the future by more than a day")
    return moment


PastMoment = Annotated[Moment, AfterValidator(_has_happened)]
"""The time at which something has happened, by the client's clock. At most a day in the future."""
