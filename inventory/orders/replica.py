"""The SQL of orders and their lines as they arrived: what a decision needs, and nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection
from chassis.databases.mysql_upserts import write_newer_later
from contracts.orders import DeliveryAddress, OrderDetailRow, OrderRow
from inventory.decisions.places import Place, rounded

ORDER_COLUMNS = (
    "order_id",
    "status",
    "lines_version",
    "line_count",
    "reservation_id",
    "destinations",
    "placed_at",
    "deleted",
    "version",
)
LINE_COLUMNS = (
    "order_detail_id",
    "order_id",
    "lines_version",
    "line_number",
    "sku",
    "quantity",
    "delivery_address_id",
    "deleted",
    "version",
)

_encode = msgspec.json.Encoder().encode


class Destination(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the choice of a store needs of a delivery address. Coordinates are to the first decimal, about 11 km.

    Nothing here leads to a person. The erasure of one leads to a new version of the order, which has no coordinates.
    """

    address_id: UUID
    country: str
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.country, self.region, self.city, self.latitude, self.longitude)


read_destinations = msgspec.json.Decoder(list[Destination]).decode
"""Decode the column `destinations`."""


def write_later(tx: Connection, orders: Sequence[OrderRow], lines: Sequence[OrderDetailRow]) -> None:
    """Write the rows that are newer than the stored ones, in the same round trip as the next statement."""
    write_newer_later(tx, "replica_order", ORDER_COLUMNS, [_order_values(row) for row in orders])
    write_newer_later(tx, "replica_order_line", LINE_COLUMNS, [_line_values(row) for row in lines])


def _order_values(row: OrderRow) -> list[object]:
    destinations = [_destination(each) for each in row.addresses()]
    return [
        str(row.order_id),
        row.status,
        row.lines_version,
        row.line_count,
        str(row.reservation_id) if row.reservation_id else None,
        _encode(destinations).decode(),
        row.placed_at,
        row.is_deleted,
        row.newest_version,
    ]


def _destination(address: DeliveryAddress) -> Destination:
    return Destination(
        address.address_id,
        address.country,
        address.region,
        address.city,
        rounded(address.latitude),
        rounded(address.longitude),
    )


def _line_values(row: OrderDetailRow) -> list[object]:
    return [
        str(row.order_detail_id),
        str(row.order_id),
        row.lines_version,
        row.line_number,
        row.sku,
        row.quantity,
        str(row.delivery_address_id),
        row.is_deleted,
        row.newest_version,
    ]
