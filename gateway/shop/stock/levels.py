"""The stock of a SKU in a store: its units, as central knows them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Info

from gateway.fields.fields import column, resolved
from gateway.fields.nodes import Node, stock_node_id
from gateway.fields.relations import One
from gateway.shop.context import Context
from gateway.shop.stock.stores import FRESH_UNTIL, IS_STALE, OF_PARENT, Store

if TYPE_CHECKING:
    from gateway.shop.products.product import Product


@strawberry.type(
    description="The units of one SKU in one store. `onHand` = `available` + `reserved` + `committed` + `unsellable`: "
    "reserved units that the store has sold at its till are not counted."
)
class Stock(Node):
    """The units of one SKU in one store."""

    id: strawberry.ID = column(
        "Identifies the stock among all nodes.", "stock_id", read=stock_node_id, sql="'stock:' || {}"
    )
    store_id: strawberry.ID = column("Identifies the store in REST, such as `seattle`.")
    sku: str = column("The product's SKU.")
    on_hand: int = column("The units that are in the store.")
    committed: int = column("The units that are promised to orders by the store and not shipped yet.")
    reserved: int = column("The units that are held for carts, and for orders without an answer of the store yet.")
    unsellable: int = column("The units on hand that are damaged or being inspected.")
    available: int = column("The units that nobody has been promised; never below 0.")
    safety_margin: int = column("How many of the available units are not sold online.")
    available_to_promise: int = column("The units that can be ordered online: `available` less `safetyMargin`, or 0.")
    incoming: int = column("The units that are on their way to the store.")
    reorder_at: int | None = column("At how many units more are ordered.")
    reorder_to: int | None = column("Up to how many units are ordered.")
    fresh_until: datetime | None = column(FRESH_UNTIL)
    stale: bool = column(IS_STALE)
    updated_at: datetime = column("When these numbers last changed.")
    version: int = column("Incremented by each change of these numbers, from 1.")

    @resolved("The store; null when it is not in the read model yet.", OF_PARENT)
    async def store(self, info: Info[Context, None]) -> Store | None:
        """The store."""
        return info.context.object(Store, await info.context.loaders.stores.load(self.store_id))

    @resolved(
        "The product as it is now; null when it was deleted, or is not known yet.",
        One("product AS {it}", "{it}.sku = {parent}.sku AND NOT {it}.deleted"),
    )
    async def product(
        self, info: Info[Context, None]
    ) -> Annotated[Product, strawberry.lazy("gateway.shop.products.product")] | None:
        """The product."""
        from gateway.shop.products.product import Product  # the two types name each other

        return info.context.object(Product, await info.context.loaders.products.load(self.sku))
