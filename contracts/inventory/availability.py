"""What is available: the units of a SKU in a store, and the stores that have units of it to sell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from contracts.rows import Row
from contracts.topics import Kind, Topic


class AvailabilityRow(Row, kw_only=True, frozen=True):
    """What central knows of one SKU in one store: the store's units as of `stock_version`, and central's reservations.

    In every version `on_hand` = `available` + `reserved` + `committed` + `unsellable`. Reserved units that are not on
    hand are `overreserved`: a till may sell units that the store has not yet committed, and an order that changes gets
    its new units before it gives back the others. `safety_margin` units of those available are not promised online.
    `incoming` units are sent to the store and not booked by it: all that were ever sent, less those `delivered` as of
    `stock_version`. So a delivery counts as incoming or on hand, never as both. With `has_backorders`, orders wait for
    units of the SKU, and nobody else is promised any.
    """

    stock_id: str
    store_id: str
    sku: str
    on_hand: int
    unsellable: int
    committed: int
    reserved: int
    overreserved: int = 0
    safety_margin: int
    incoming: int = 0
    delivered: int = 0
    reorder_at: int | None = None
    reorder_to: int | None = None
    stock_version: int
    has_backorders: bool = False
    updated_at: datetime

    @property
    def available(self) -> int:
        """The units that nobody has been promised."""
        return max(0, self._left)

    @property
    def available_to_promise(self) -> int:
        """The units that can be promised online: those available, less the safety margin; none if orders wait."""
        if self.has_backorders:
            return 0
        return max(0, self._left - self.safety_margin)

    @property
    def _left(self) -> int:
        return self.on_hand - self.unsellable - self.committed - self.reserved - self.overreserved


LEFT = "on_hand - unsellable - committed - reserved - overreserved"
"""SQL: the units that nobody has been promised, as `AvailabilityRow.available`, or how many too many were promised.

That is less than 0 only while units are overreserved. What is added to it, such as the units of reservations that have
expired, is free only beyond those.
"""

FREE = f"{LEFT} - safety_margin"
"""SQL: the units that can be promised to orders that wait, or less than 0."""

FREE_TO_PROMISE = f"IF(has_backorders, 0, {FREE})"
"""SQL: the units that can be promised online, as `AvailabilityRow.available_to_promise`, or less than 0."""


class SkuAvailabilityRow(Row, kw_only=True, frozen=True):
    """The stores that have units of one SKU to sell online; changed only when a store gets its first or loses its last.

    `available_at` is JSON text, a sorted list of store ids: see `stores_in`. A SKU that no store ever had has no row,
    unless orders wait for it.
    """

    sku: str
    available_at: str

    def __post_init__(self) -> None:
        """Raises like all rows, and `msgspec.MsgspecError` if `available_at` is invalid."""
        super().__post_init__()
        stores_in(self.available_at)


stores_in = msgspec.json.Decoder(list[str]).decode
"""Decode the column `available_at`. Raises `msgspec.MsgspecError` if the JSON is invalid."""

NO_STORES = "[]"
"""The column `available_at` of a SKU that no store has to sell."""


def with_stores(available_at: str, changes: Mapping[str, bool]) -> str:
    """The column `available_at` after these stores got units to sell, or lost them."""
    kept = {each for each in stores_in(available_at) if changes.get(each, True)}
    stores = sorted(kept | {store_id for store_id, has_units in changes.items() if has_units})
    return msgspec.json.format(msgspec.json.encode(stores), indent=0).decode()


AVAILABILITY: Topic[AvailabilityRow] = Topic(
    name="availability",
    kind=Kind.STATE,
    message=AvailabilityRow,
    key="stock_id",
    identity="stock_id",
    writer="connect:oms-inventory",
    readers=("inventory", "orders_stream"),
)


SKU_AVAILABILITY: Topic[SkuAvailabilityRow] = Topic(
    name="sku_availability",
    kind=Kind.STATE,
    message=SkuAvailabilityRow,
    key="sku",
    identity="sku",
    writer="connect:oms-inventory",
    readers=("products",),
)
