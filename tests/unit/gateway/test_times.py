"""Times from clients are exactly those of RFC 3339, in GraphQL and in REST."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.types.times import Moment
from gateway.errors import BadInput
from gateway.fields.scalars import read_time, write_time

REST: TypeAdapter[datetime] = TypeAdapter(Moment)
NOON = datetime(2026, 7, 31, 12, tzinfo=UTC)
NEW_YEAR = datetime(2017, 1, 1, tzinfo=UTC)

ABNF = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-31T12:00:00Z", NOON),
        ("2026-07-31t12:00:00z", NOON),
        ("2026-07-31T12:00:00+00:00", NOON),
        ("2026-07-31T12:00:00-00:00", NOON),
        ("2026-07-31T14:00:00+02:00", NOON),
        ("2026-08-01T11:59:00+23:59", NOON),
        ("2026-07-31T12:00:00.0Z", NOON),
        ("2026-07-31T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-07-31T12:00:00.004999999Z", NOON + timedelta(milliseconds=4, microseconds=999)),
        ("2016-12-31T23:59:60Z", NEW_YEAR),
        ("2016-12-31T23:59:60.5Z", NEW_YEAR + timedelta(milliseconds=500)),
        ("2016-12-31T15:59:60-08:00", NEW_YEAR),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_times_of_rfc_3339_are_read(text: str, moment: datetime) -> None:
    assert read_time(text) == moment
    assert REST.validate_python(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


NONE: list[Any] = [
    "",
    "2026",
    "2026-07-31",
    "2026-07-31T12:00Z",
    "2026-07-31T12Z",
    "2026-07-31T12:00:00",
    "2026-07-31 12:00:00Z",
    "2026-07-31T12:00:00 Z",
    " 2026-07-31T12:00:00Z",
    "2026-07-31T12:00:00Z\n",
    "20260731T120000Z",
    "2026-W31-5T12:00:00Z",
    "2026-W31-5",
    "2026-212T12:00:00Z",
    "26-07-31T12:00:00Z",
    "+2026-07-31T12:00:00Z",
    "2026-7-31T12:00:00Z",
    "2026-07-31T12:00:00,5Z",
    "2026-07-31T12:00:00.Z",
    "2026-07-31T12:00:00+02",
    "2026-07-31T12:00:00+0200",
    "2026-07-31T12:00:00+24:00",
    "2026-07-31T12:00:00+02:60",
    "2026-07-31T12:00:00+02:00:00",
    "2026-07-31T12:00:00UTC",
    "2026-07-31T12:00:00[Europe/Paris]",
    "2026-07-31T24:00:00Z",
    "2026-07-31T12:60:00Z",
    "2026-07-31T12:00:61Z",
    "2026-07-31T12:00:60Z",
    "2026-07-30T23:59:60Z",
    "2026-07-31T23:59:60+01:00",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59-00:01",
    "２０２６-07-31T12:00:00Z",
    "1785499200",
    1785499200,
    1785499200.5,
    True,
    None,
    [],
    {},
]


@pytest.mark.parametrize("value", NONE)
def test_no_other_times_are_read(value: Any) -> None:
    with pytest.raises(BadInput):
        read_time(value)
    with pytest.raises(ValidationError) as refused:
        REST.validate_python(value)
    assert "2026-01-31T12:00:00Z" in str(refused.value) or "1000 to 9999" in str(refused.value)


@given(
    st.datetimes(
        min_value=datetime(1, 1, 2),
        max_value=datetime(9999, 12, 30),
        timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_every_time_is_written_in_the_one_form_and_read_again(moment: datetime) -> None:
    written = write_time(moment)

    assert ABNF.fullmatch(written)
    assert written.endswith("Z")
    assert not written.endswith("0Z") or "." not in written
    assert read_time(written) == read_time(moment.isoformat()) == moment


@given(st.from_regex(ABNF, fullmatch=True) | st.text("0123456789TtZz:+-. W", max_size=30))
def test_any_text_is_read_only_if_it_has_the_form(text: str) -> None:
    try:
        moment = read_time(text)
    except BadInput:
        return

    assert ABNF.fullmatch(text)
    assert moment.tzinfo is UTC
