"""The business hours of a depot, on days with 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from shipping.days.rules import DayRule
from shipping.days.state import Day
from shipping.days.values import Settings, Window
from tests.support.delivery_days import OPEN, violated

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""When clocks change in Europe."""


def whole_day(zone: str, opens: str = "00:00", closes: str = "24:00") -> Settings:
    return replace(OPEN, zone=zone, opens=opens, closes=closes)


@pytest.mark.parametrize(
    ("zone", "day", "begin", "hours"),
    [
        ("Europe/Berlin", SPRING, "2026-03-28T23:00Z", 23),
        ("Europe/Berlin", AUTUMN, "2026-10-24T22:00Z", 25),
        ("Europe/Berlin", date(2026, 7, 1), "2026-06-30T22:00Z", 24),
        ("America/New_York", date(2026, 3, 8), "2026-03-08T05:00Z", 23),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T04:00Z", 25),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00Z", 23),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30Z", 23.5),
    ],
)
def test_a_day_has_the_hours_that_its_clock_has(zone: str, day: date, begin: str, hours: float) -> None:
    start, end = whole_day(zone).hours(day)

    assert start == datetime.fromisoformat(begin)
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "begin", "end"),
    [
        (SPRING, "08:00", "18:00", 6, 16),
        (SPRING, "01:00", "08:00", 0, 6),
        (SPRING, "02:30", "08:00", 1.5, 6),  # there is no 02:30: 03:30 by the new clock
        (SPRING, "01:00", "02:30", 0, 1.5),
        (AUTUMN, "08:00", "18:00", 7, 17),
        (AUTUMN, "02:30", "08:00", 0.5, 7),  # it opens at the first of two
        (AUTUMN, "01:00", "02:30", -1, 1.5),  # and closes at the second
    ],
)
def test_hours_are_local_when_clocks_change(day: date, opens: str, closes: str, begin: float, end: float) -> None:
    midnight = datetime.combine(day, datetime.min.time(), UTC)

    found = whole_day("Europe/Berlin", opens, closes).hours(day)

    assert found == Window(midnight + timedelta(hours=begin), midnight + timedelta(hours=end))


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end", "is_within"),
    [
        ("Europe/Berlin", SPRING, "2026-03-29T06:00Z", "2026-03-29T07:00Z", True),
        ("Europe/Berlin", SPRING, "2026-03-29T05:59Z", "2026-03-29T07:00Z", False),
        ("Europe/Berlin", SPRING, "2026-03-29T15:00Z", "2026-03-29T16:00Z", True),
        ("Europe/Berlin", AUTUMN, "2026-10-25T07:00Z", "2026-10-25T17:00Z", True),
        ("Europe/Berlin", AUTUMN, "2026-10-25T06:30Z", "2026-10-25T08:00Z", False),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T13:00Z", "2026-11-01T23:00Z", True),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T12:00Z", "2026-11-01T13:30Z", False),
        ("America/New_York", date(2026, 11, 1), "2026-11-02T13:00Z", "2026-11-02T14:00Z", False),
    ],
)
def test_a_delivery_is_within_the_local_hours(zone: str, day: date, begin: str, end: str, is_within: bool) -> None:
    settings = whole_day(zone, "08:00", "18:00")
    window = Window(datetime.fromisoformat(begin), datetime.fromisoformat(end))
    opened = Day(depot="main", date=day, settings=settings)

    found = violated(opened, "a", window, at=window.start)

    assert found == ([] if is_within else [DayRule.WITHIN_BUSINESS_DAY] * len(found[:1]))
    assert bool(found) is not is_within
