"""Shipments and their events as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Row
from contracts.shipping import ShipmentRow, read_parcels, read_shipped_lines, read_tracking
from shipping.events.codec import Codec
from shipping.shipments.events import CODEC
from shipping.shipments.models import DeliveryWindow, Parcel, Shipment, ShipmentEvent, ShippedLine, Tracking


def shipment_of(row: ShipmentRow) -> Shipment:
    """A shipment, of the row that its state leads to."""
    return shipment_of_columns(msgspec.structs.asdict(row))


def shipment_of_columns(row: Mapping[str, Any]) -> Shipment:
    """A shipment, of the columns of its row."""
    parcels = [
        Parcel(id=each.parcel_id, weight=each.weight, carrier=each.carrier, tracking_number=each.tracking_number)
        for each in read_parcels(row["parcels"])
    ]
    parts = {
        "id": row["shipment_id"],
        "lines": [ShippedLine.model_validate(each) for each in read_shipped_lines(row["lines"])],
        "parcels": parcels,
        "tracking": [Tracking.model_validate(each) for each in read_tracking(row["tracking"])],
        "window": _window(row),
    }
    return Shipment(**parts, **{name: row[name] for name in Shipment.model_fields if name not in parts})


def event_of(row: Row) -> ShipmentEvent:
    """An event, of its row."""
    return ShipmentEvent(**members_of_event(row, CODEC))


def members_of_event(row: Row, codec: Codec[Any]) -> dict[str, Any]:
    """The members of an event of any stream, of its row."""
    event = codec.decode(row["type"], row["type_version"], row["data"])
    as_stored = ("sequence", "type", "caller", "caused_by", "happened_at", "recorded_at")
    return {
        **{name: row[name] for name in as_stored},
        "id": row["event_id"],
        "data": _camel(msgspec.to_builtins(event)),
    }


def _window(row: Mapping[str, Any]) -> DeliveryWindow | None:
    if row["depot"] is None:
        return None
    return DeliveryWindow(
        depot=row["depot"],
        date=row["delivery_date"],
        van=row["van"],
        from_=row["window_from"],
        to=row["window_to"],
        zone=row["window_zone"],
    )


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_camel(name): _camel(each) for name, each in value.items()}
    return [_camel(each) for each in value] if isinstance(value, list | tuple) else value
