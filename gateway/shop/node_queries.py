"""Nodes by their id, whatever their type."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import strawberry
from strawberry import Info

from gateway.errors import BadInput
from gateway.fields.fields import resolved
from gateway.fields.nodes import Node, key_of, sku_in, slug_in, stock_in, store_in, uuid_of
from gateway.fields.paging import MAX_SIZE
from gateway.fields.relations import AnyOf, One
from gateway.shop.context import Context
from gateway.shop.customers import Address, Customer
from gateway.shop.orders.columns import order_columns
from gateway.shop.orders.lines import selects_lines
from gateway.shop.orders.order import Order
from gateway.shop.products.categories import Category
from gateway.shop.products.product import Product
from gateway.shop.returns.order_return import Return
from gateway.shop.shipments.shipment import Shipment
from gateway.shop.stock.levels import Stock
from gateway.shop.stock.statements import STOCK, STORES
from gateway.shop.stock.stores import Store

NodeId = Annotated[strawberry.ID, strawberry.argument(description="The `id` of any node.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MAX_SIZE}.")]


def _key(own_id: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Reads the key of a row in the id of a node; None if it is the id of another type, or malformed."""

    def key(node_id: str) -> str | None:
        found = own_id(node_id)
        return None if found is None else key_of(found)

    return key


_sku, _slug, _store_id, _stock_id = map(_key, (sku_in, slug_in, store_in, stock_in))


_NODE = AnyOf(
    {
        "Order": One("sales_order AS {it}", "{it}.order_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        "Customer": One("customer AS {it}", "{it}.customer_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        "Address": One("address AS {it}", "{it}.address_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        "Shipment": One("shipment AS {it}", "{it}.shipment_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        "Return": One("order_return AS {it}", "{it}.return_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        "Product": One("product AS {it}", "{it}.sku = {id} AND NOT {it}.deleted", {"id": _sku}),
        "Category": One("category AS {it}", "{it}.slug = {id} AND NOT {it}.deleted", {"id": _slug}),
        "Store": One(f"{STORES} AS {{it}}", "{it}.store_id = {id} AND NOT {it}.deleted", {"id": _store_id}),
        "Stock": One(f"{STOCK} AS {{it}}", "{it}.stock_id = {id} AND NOT {it}.deleted", {"id": _stock_id}),
    }
)


@strawberry.type
class NodeQueries:
    """Queries by id."""

    @resolved("The node with this id; null when there is none.", _NODE)
    async def node(self, info: Info[Context, None], id: NodeId) -> Node | None:
        """One node."""
        return await _node(info.context, id, order_columns(Order, with_lines=selects_lines(info)))

    @resolved("The nodes with these ids, in the same order; null for each id without a node.")
    async def nodes(self, info: Info[Context, None], ids: Ids) -> list[Node | None] | None:
        """Several nodes."""
        if len(ids) > MAX_SIZE:
            raise BadInput(f"`ids` must have at most {MAX_SIZE} ids, not {len(ids)}")
        columns = order_columns(Order, with_lines=selects_lines(info))
        return list(await asyncio.gather(*(_node(info.context, each, columns) for each in ids)))


async def _node(context: Context, node_id: str, columns_of_order: str) -> Node | None:
    loaders = context.loaders
    if (sku := _sku(node_id)) is not None:
        return context.object(Product, await loaders.products.load(sku))
    if (slug := _slug(node_id)) is not None:
        return context.object(Category, await loaders.categories.load(slug))
    if (store_id := _store_id(node_id)) is not None:
        return context.object(Store, await loaders.stores.load(store_id))
    if (stock_id := _stock_id(node_id)) is not None:
        return context.object(Stock, await loaders.stock.load(stock_id))
    if (key := uuid_of(node_id)) is None:
        return None
    return (
        context.object(Order, await loaders.orders(columns_of_order).load(key))
        or context.object(Customer, await loaders.customers.load(key))
        or context.object(Address, await loaders.addresses.load(key))
        or context.object(Shipment, await loaders.shipments.load(key))
        or context.object(Return, await loaders.returns.load(key))
    )
