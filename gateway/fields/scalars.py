"""The scalars of the schema, and text arguments: how each is read and written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.scalar import ScalarDefinition

from chassis.types.text import clean, storable
from chassis.types.times import read_date_time
from gateway.errors import BadInput

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?", re.ASCII)

MAX_TEXT = 200


def is_uuid(text: str) -> bool:
    """Whether this is a UUID of 36 characters."""
    return _UUID.fullmatch(text) is not None


def read_uuid(value: Any) -> UUID:
    """An identifier from a client: 36 characters. Raises BadInput."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise BadInput("An id must be a UUID such as 0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f.")
    return UUID(value)


def read_time(value: Any) -> datetime:
    """A time from a client, in UTC. Raises BadInput."""
    try:
        return read_date_time(value if isinstance(value, str) else "")
    except ValueError as error:
        raise BadInput("A time must be as in RFC 3339, such as 1996-07-04T00:00:00Z.") from error


def read_decimal(value: Any) -> Decimal:
    """A decimal from a client. Raises BadInput."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise BadInput('A decimal must be a string such as "440.00".')
    return Decimal(value)


def read_integer(value: Any) -> int:
    """An integer of 32 bits. Raises BadInput."""
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise BadInput("An integer must have 32 bits.")
    return value


def read_stored(value: Any) -> str:
    """A text that a database may hold, unchanged. Raises BadInput."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise BadInput(f"A key must be a text of up to {MAX_TEXT} characters.")
    try:
        return storable(value)
    except ValueError as error:
        raise BadInput(str(error)) from error


def write_time(moment: datetime) -> str:
    """An aware time as RFC 3339 in UTC, without trailing zeros in the fraction, as Postgres writes it."""
    written = moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{written.rstrip('0') if '.' in written else written}Z"


def write_decimal(number: Decimal) -> str:
    """A decimal with all its digits, never with an exponent."""
    return f"{number:f}"


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, RFC 3339 in UTC: 1996-07-04T00:00:00Z, with a fraction if it has one. Inputs may have "
        "any offset, but must have one; a leap second is read as the second after it.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_time,
        parse_value=read_time,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a string: "440.00".',
        serialize=write_decimal,
        parse_value=read_decimal,
    ),
}


def read_text(text: str, argument: str, most: int = MAX_TEXT) -> str:
    """`text` trimmed and in NFC: 1 to `most` characters on one line. Raises BadInput naming the argument."""
    try:
        text = clean(text)
    except ValueError as error:
        raise BadInput(f"`{argument}`: {error}") from error
    if not 1 <= len(text) <= most:
        raise BadInput(f"`{argument}` must have 1 to {most} characters")
    return text
