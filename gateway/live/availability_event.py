"""The log of availability: each change of a SKU's units in a store, as it is written and as a subscriber gets it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import strawberry
from strawberry import Info

from contracts.inventory.availability import AVAILABILITY, AvailabilityRow
from gateway.fields.fields import from_row, resolved
from gateway.live.change_log import ChangeLog, Version
from gateway.shop.context import Context
from gateway.shop.stock.availability import Availability
from gateway.shop.stock.levels import Stock


class _Head(msgspec.Struct, frozen=True):
    stock_id: str
    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)


_head = msgspec.json.Decoder(_Head, strict=False).decode


@strawberry.type(description="A change of the units of a SKU in a store.")
class AvailabilityChange:
    """A change of the units of a SKU in a store."""

    cursor: str = strawberry.field(
        description="The position after this change: send it as `after` to resume from here."
    )
    sku: str = strawberry.field(description="The SKU.")
    store_id: strawberry.ID = strawberry.field(description="Identifies the store in REST, such as `seattle`.")
    version: int = strawberry.field(description="The new version of the stock.")
    deleted: bool = strawberry.field(description="Whether the stock was deleted.")
    row: strawberry.Private[AvailabilityRow]

    @resolved("The stock in this version; store and product are current. Null when it was deleted.")
    async def stock(self, info: Info[Context, None]) -> Stock | None:
        """The stock, with the freshness of its store."""
        if self.deleted:
            return None
        store = await info.context.loaders.stores.load(self.row.store_id)
        is_known = {"fresh_until": store["fresh_until"], "stale": store["stale"]} if store else {}
        return from_row(Stock, {"fresh_until": None, "stale": True, **is_known, **_columns(self.row)})

    @resolved("Whether the product can be ordered, from its stock in all stores, with at least this change.")
    async def availability(self, info: Info[Context, None]) -> Availability:
        """The availability, once the read model has this change: it may arrive there later than here."""
        await info.context.until_shown("reservation", self.row.stock_id, self.version)
        return from_row(Availability, await info.context.loaders.availability.load(self.sku))


def _columns(row: AvailabilityRow) -> dict[str, object]:
    stored = {name: getattr(row, name) for name in row.__struct_fields__}
    return {**stored, "available": row.available, "available_to_promise": row.available_to_promise}


def _version(value: bytes) -> Version:
    head = _head(value)
    return Version(head.stock_id, head.version + head.is_deleted)


def _matches(row: AvailabilityRow, skus: Collection[str]) -> bool:
    return row.sku in skus


def _change(row: AvailabilityRow, cursor: str) -> AvailabilityChange:
    return AvailabilityChange(
        cursor=cursor,
        sku=row.sku,
        store_id=strawberry.ID(row.store_id),
        version=row.newest_version,
        deleted=row.is_deleted,
        row=row,
    )


AVAILABILITY_LOG = ChangeLog(
    topic=AVAILABILITY.name,
    name="the changes of availability",
    tag="availability",
    version=_version,
    decode=AVAILABILITY.decoder(),
    matches=_matches,
    change=_change,
    is_read_from_start=False,
)
