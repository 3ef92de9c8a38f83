"""What delivery days are made of: their key, their windows, and what a depot allows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

_MIDNIGHT = "24:00"


class DayKey(NamedTuple):
    """The local day of a depot. Days are locked in this order."""

    depot: str
    date: date


class Window(NamedTuple):
    """The times from `start` to before `end`, so that windows which only touch do not overlap."""

    start: datetime
    end: datetime

    def overlaps(self, other: Window) -> bool:
        """Whether there is a moment in both."""
        return self.start < other.end and other.start < self.end


class Settings(msgspec.Struct, kw_only=True, frozen=True):
    """When a depot delivers and with what: `opens` and `closes` are times of day in `zone`, such as 08:00 and 24:00."""

    zone: str
    opens: str
    closes: str
    parallel_deliveries: int
    vans: tuple[str, ...]

    def hours(self, day: date) -> Window:
        """The business hours of a day, in UTC. A day may have 23 or 25 hours.

        A time of day that a clock change repeats opens the depot when it comes first, and closes it when it comes
        again; one that is left out counts as the same time after midnight as on other days.
        """
        zone = ZoneInfo(self.zone)
        opens, closes = _local(day, self.opens, zone), _local(day, self.closes, zone)
        return Window(opens.astimezone(UTC), max(closes.astimezone(UTC), closes.replace(fold=1).astimezone(UTC)))


def most_at_once(windows: Iterable[Window], within: Window) -> int:
    """How many of these windows there are at most at one moment of `within`. A sweep over their ends."""
    inside = [each for each in windows if each.overlaps(within)]
    begins = ((max(each.start, within.start), 1) for each in inside)
    ends = ((each.end, -1) for each in inside)
    most = now = 0
    for _, change in sorted([*begins, *ends]):
        now += change
        most = max(most, now)
    return most


def _local(day: date, text: str, zone: ZoneInfo) -> datetime:
    if text == _MIDNIGHT:
        return datetime.combine(day + timedelta(days=1), time(), zone)
    return datetime.combine(day, time.fromisoformat(text), zone)
