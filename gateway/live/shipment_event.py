"""The log of shipments: each new version of a shipment, as its row is written and as a subscriber gets it."""

from __future__ import annotations

from uuid import UUID

import msgspec
import strawberry

from contracts.shipping import SHIPMENT, ShipmentRow
from gateway.fields.fields import from_row
from gateway.live.change_log import ChangeLog, Version
from gateway.shop.shipments.lists import matches
from gateway.shop.shipments.shipment import Shipment


class _Head(msgspec.Struct, frozen=True):
    shipment_id: UUID
    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)


_head = msgspec.json.Decoder(_Head, strict=False).decode


@strawberry.type(description="A new version of a shipment. Changes of one shipment come in the order of its versions.")
class ShipmentChange:
    """A new version of a shipment."""

    cursor: str = strawberry.field(
        description="The position after this change: send it as `after` to resume from here."
    )
    shipment_id: strawberry.ID = strawberry.field(description="The id of the shipment.")
    order_id: strawberry.ID = strawberry.field(description="The id of its order.")
    version: int = strawberry.field(description="The new version of the shipment.")
    deleted: bool = strawberry.field(description="Whether the shipment was deleted.")
    shipment: Shipment | None = strawberry.field(
        description="The shipment in this version, whole; order, products and store are current. Null when it was "
        "deleted."
    )


def _change(row: ShipmentRow, cursor: str) -> ShipmentChange:
    columns = {name: getattr(row, name) for name in row.__struct_fields__}
    return ShipmentChange(
        cursor=cursor,
        shipment_id=strawberry.ID(str(row.shipment_id)),
        order_id=strawberry.ID(str(row.order_id)),
        version=row.newest_version,
        deleted=row.is_deleted,
        shipment=None if row.is_deleted else from_row(Shipment, columns),
    )


def _version(value: bytes) -> Version:
    head = _head(value)
    return Version(head.shipment_id.int, head.version + head.is_deleted)  # the hash of a UUID costs ten times as much


SHIPMENTS = ChangeLog(
    topic=SHIPMENT.name,
    name="the changes of shipments",
    tag="shipments",
    version=_version,
    decode=SHIPMENT.decoder(),
    matches=matches,
    change=_change,
    is_read_from_start=False,
)
