"""The shipments of `benchmarks/shipping` as an aggregate of the library `eventsourcing`, folded from stored events.

It is written as the library's documentation does: an `Aggregate` with decorated methods, an `Application` with the
default recorder, which keeps stored events in memory, and the default transcoder of JSON. Lines and parcels are plain
dicts, for which it needs no transcodings of its own.

python fold.py SECONDS, with the events of the shipments as JSON on its input. Prints what
`benchmarks.shipping.folds` prints.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

Json = dict[str, Any]


class Shipment(Aggregate):
    """A shipment, with the attributes that `shipping.shipments.state.Shipment` has after these events."""

    @event("ShipmentPlanned")
    def __init__(
        self,
        order_id: UUID,
        customer_id: UUID,
        delivery_address_id: UUID,
        city: str | None,
        region: str | None,
        country: str | None,
        location: str,
        lines: list[Json],
        split_from: UUID | None,
        at: datetime,
    ) -> None:
        self.order_id = order_id
        self.customer_id = customer_id
        self.delivery_address_id = delivery_address_id
        self.city, self.region, self.country = city, region, country
        self.location = location
        self.lines = lines
        self.split_from = split_from
        self.planned_at = at
        self.status = "planned"
        self.parcels: list[Json] = []
        self.attempts = 0
        self.carrier: str | None = None
        self.reason: str | None = None
        self.packed_at: datetime | None = None
        self.dispatched_at: datetime | None = None
        self.failed_at: datetime | None = None
        self.delivered_at: datetime | None = None

    @event("ShipmentPacked")
    def pack(self, parcels: list[Json], at: datetime) -> None:
        """It is in parcels."""
        self.status, self.packed_at = "packed", at
        self.parcels = [{**each, "carrier": None, "has_tracking_number": False} for each in parcels]

    @event("TrackingNumberGiven")
    def give_tracking_number(self, parcel_id: str, carrier: str | None, at: datetime) -> None:
        """A parcel has a tracking number."""
        for each in self.parcels:
            if each["parcel_id"] == parcel_id:
                each.update(carrier=carrier, has_tracking_number=True)

    @event("ShipmentDispatched")
    def dispatch(self, carrier: str | None, parcel_ids: list[str], at: datetime) -> None:
        """It left."""
        self.status, self.carrier, self.dispatched_at = "dispatched", carrier, at

    @event("DeliveryFailed")
    def fail(self, attempt: int, reason: str, at: datetime) -> None:
        """An attempt failed."""
        self.status, self.attempts, self.reason, self.failed_at = "failed", attempt, reason, at

    @event("DeliveryRetried")
    def retry(self, attempt: int, at: datetime) -> None:
        """The next attempt began."""
        self.status = "dispatched"

    @event("ShipmentDelivered")
    def deliver(self, at: datetime) -> None:
        """The recipient has it."""
        self.status, self.delivered_at = "delivered", at


class Shipping(Application[UUID]):
    """The application, with events in memory."""


_METHODS = {
    "ShipmentPacked": Shipment.pack,
    "TrackingNumberGiven": Shipment.give_tracking_number,
    "ShipmentDispatched": Shipment.dispatch,
    "DeliveryFailed": Shipment.fail,
    "DeliveryRetried": Shipment.retry,
    "ShipmentDelivered": Shipment.deliver,
}
_IDS = ("order_id", "customer_id", "delivery_address_id", "order_line_id", "split_from")


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "at":
        return datetime.fromisoformat(value)
    if name in _IDS:
        return UUID(value)
    if name == "weight":
        return Decimal(value)
    if name in ("lines", "parcels"):
        return [_values(each) for each in value]
    return value


def _values(data: Json) -> Json:
    return {name: _typed(name, value) for name, value in data.items()}


def stored(shipping: Shipping, events: list[Json]) -> UUID:
    """Save a shipment with these events. Returns its id."""
    first, *others = events
    shipment = Shipment(**_values(json.loads(first["data"])))
    for each in others:
        _METHODS[each["type"]](shipment, **_values(json.loads(each["data"])))
    shipping.save(shipment)
    return shipment.id


def summary(key: str, shipment: Shipment) -> Json:
    """What is compared of the states."""
    return {
        "id": key,
        "version": shipment.version,
        "status": shipment.status,
        "attempts": shipment.attempts,
        "carrier": shipment.carrier,
        "units": {line["sku"]: line["quantity"] for line in shipment.lines},
        "parcels": [[each["parcel_id"], each["has_tracking_number"]] for each in shipment.parcels],
        "delivered_at": shipment.delivered_at.isoformat() if shipment.delivered_at else None,
    }


def folded(shipping: Shipping, ids: dict[str, UUID], seconds: float) -> Json:
    """Load all shipments again and again until the time is over."""
    events, began, last = 0, perf_counter(), list(ids)[-1]
    while (now := perf_counter()) < began + seconds:
        for shipment_id in ids.values():
            shipment: Shipment = shipping.repository.get(shipment_id)
            events += shipment.version
    return {"events": events, "seconds": now - began, "state": summary(last, shipment)}


def main() -> None:
    """Print the measurement as JSON."""
    shipping = Shipping()
    ids = {key: stored(shipping, events) for key, events in json.load(sys.stdin).items()}
    folded(shipping, ids, 1)  # warms up
    print(json.dumps(folded(shipping, ids, float(sys.argv[1]))))


if __name__ == "__main__":
    main()
