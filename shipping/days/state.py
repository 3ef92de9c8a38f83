"""The state of a delivery day, which its events lead to."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from shipping.days.values import DayKey, Settings, Window

SCHEMA_VERSION = 1
"""Of `Day` as it is stored. Raise it with each change of these types: stored days are then folded from their events."""


class Delivery(msgspec.Struct, kw_only=True, frozen=True):
    """An attempt to bring a shipment. `outcome` is there once it has ended."""

    shipment_id: UUID
    van: str
    window_from: dt.datetime
    window_to: dt.datetime
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    outcome: str | None = None

    @property
    def window(self) -> Window:
        """From when until when."""
        return Window(self.window_from, self.window_to)


class Day(msgspec.Struct, kw_only=True, frozen=True):
    """A day after `version` events; without `settings` if it has none. Deliveries are in the order of their planning.

    A shipment may have several deliveries, of which all but the last have ended.
    """

    depot: str
    date: dt.date
    version: int = 0
    settings: Settings | None = None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def key(self) -> DayKey:
        """Its depot and date."""
        return DayKey(self.depot, self.date)

    @property
    def ahead(self) -> list[Delivery]:
        """The deliveries that have not ended."""
        return [each for each in self.deliveries if each.outcome is None]

    def delivery_of(self, shipment_id: UUID) -> Delivery | None:
        """The last delivery of a shipment."""
        return next((each for each in reversed(self.deliveries) if each.shipment_id == shipment_id), None)
