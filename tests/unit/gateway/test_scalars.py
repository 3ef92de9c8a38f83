"""How values are read and written: money, times, identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from gateway.errors import BadInput
from gateway.fields.fields import Money
from gateway.fields.scalars import read_decimal, read_time, read_uuid, write_decimal, write_time


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("440", "USD", "440.00"), ("440.0000", "JPY", "440"), ("0.0050", "USD", "0.01"), ("1E+3", "BHD", "1000.000")],
)
def test_money_has_exactly_the_decimals_of_its_currency(amount: str, currency: str, shown: str) -> None:
    assert write_decimal(Money.of(Decimal(amount), currency).amount) == shown


def test_times_are_written_in_utc_with_z() -> None:
    in_lima = datetime(1996, 7, 4, 7, tzinfo=timezone(timedelta(hours=-5)))

    assert write_time(in_lima) == "1996-07-04T12:00:00Z"
    assert read_time("1996-07-04T07:00:00-05:00") == datetime(1996, 7, 4, 12, tzinfo=UTC)


def test_ids_are_read_in_any_case() -> None:
    assert read_uuid("0197B1A4-7c1e-7cc3-98c4-dc0c0c07398f") == UUID("0197b1a47c1e7cc398c4dc0c0c07398f")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_uuid, "0197b1a47c1e7cc398c4dc0c0c07398f"),
        (read_uuid, "{0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f}"),
        (read_uuid, 5),
        (read_time, "1996-07-04"),
        (read_time, "1996-07-04T12:00:00"),
        (read_time, "0001-01-01T00:00:00+14:00"),
        (read_time, 5),
        (read_decimal, "NaN"),
        (read_decimal, "1e400"),
        (read_decimal, 5),
    ],
)
def test_what_is_written_otherwise_is_refused(read: Any, value: Any) -> None:
    with pytest.raises(BadInput):
        read(value)
