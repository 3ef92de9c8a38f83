"""Nodes by their id, whatever their type."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.errors import BadInput
from gateway.fields.fields import resolved
from gateway.fields.nodes import Node, key_of, sku_in, uuid_of
from gateway.fields.paging import MAX_SIZE
from gateway.fields.relations import AnyOf, One
from gateway.shop.context import Context
from gateway.shop.customers import Address, Customer
from gateway.shop.orders import Order
from gateway.shop.products import Product

NodeId = Annotated[strawberry.ID, strawberry.argument(description="The `id` of any node.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MAX_SIZE}.")]


def _uuid(node_id: str) -> UUID | None:
    return None if sku_in(node_id) is not None else uuid_of(node_id)


def _sku(node_id: str) -> str | None:
    sku = sku_in(node_id)
    return None if sku is None else key_of(sku)


_NODE = AnyOf(
    {
        "Order": One("shown_order AS {it}", "{it}.order_id = {id} AND NOT {it}.deleted", {"id": _uuid}),
        "Customer": One("customer AS {it}", "{it}.customer_id = {id} AND NOT {it}.deleted", {"id": _uuid}),
        "Address": One("address AS {it}", "{it}.address_id = {id} AND NOT {it}.deleted", {"id": _uuid}),
        "Product": One("product AS {it}", "{it}.sku = {id} AND NOT {it}.deleted", {"id": _sku}),
    }
)


@strawberry.type
class NodeQueries:
    """Queries by id."""

    @resolved("The node with this id; null when there is none.", _NODE)
    async def node(self, info: Info[Context, None], id: NodeId) -> Node | None:
        """One node."""
        return await _node(info.context, id)

    @resolved("The nodes with these ids, in the same order; null for each id without a node.")
    async def nodes(self, info: Info[Context, None], ids: Ids) -> list[Node | None] | None:
        """Several nodes."""
        if len(ids) > MAX_SIZE:
            raise BadInput(f"`ids` must have at most {MAX_SIZE} ids, not {len(ids)}")
        return list(await asyncio.gather(*(_node(info.context, each) for each in ids)))


async def _node(context: Context, node_id: str) -> Node | None:
    loaders, sku, key = context.loaders, _sku(node_id), _uuid(node_id)
    if sku is not None:
        return context.object(Product, await loaders.products.load(sku))
    if key is None:
        return None
    return (
        context.object(Order, await loaders.orders.load(key))
        or context.object(Customer, await loaders.customers.load(key))
        or context.object(Address, await loaders.addresses.load(key))
    )
