"""Nodes by their id, whatever their type."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.errors import BadInput
from gateway.fields.fields import resolved
from gateway.fields.nodes import Node, sku_in, uuid_in
from gateway.fields.paging import MAX_SIZE
from gateway.fields.relations import AnyOf, One
from gateway.fields.scalars import read_text
from gateway.shop.context import Context
from gateway.shop.customers import Address, Customer
from gateway.shop.orders import Order
from gateway.shop.products import Product

Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MAX_SIZE}.")]


def _uuid(node_id: str) -> UUID | None:
    return None if sku_in(node_id) is not None else uuid_in(node_id)


def _sku(node_id: str) -> str | None:
    sku = sku_in(node_id)
    return None if sku is None else read_text(sku, "id")


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
    async def node(self, info: Info[Context, None], id: strawberry.ID) -> Node | None:
        """One node."""
        return await _node(info.context, id)

    @resolved(
        "The nodes with these ids, in the same order; null for each id without a node, with an error for each that no "
        "node can have."
    )
    async def nodes(self, info: Info[Context, None], ids: Ids) -> list[Node | None] | None:
        """Several nodes."""
        if len(ids) > MAX_SIZE:
            raise BadInput(f"`ids` must have at most {MAX_SIZE} ids, not {len(ids)}")
        return list(await asyncio.gather(*(_node_or_error(info.context, each) for each in ids)))


async def _node_or_error(context: Context, node_id: str) -> Node | None:
    """The node. A bad id is an error of its entry alone: graphql-core raises an exception that it finds in a list."""
    try:
        return await _node(context, node_id)
    except BadInput as error:
        return cast(None, error)


async def _node(context: Context, node_id: str) -> Node | None:
    loaders, sku, key = context.loaders, _sku(node_id), _uuid(node_id)
    if sku is not None:
        return context.object(Product, await loaders.products.load(sku))
    return (
        context.object(Order, await loaders.orders.load(key))
        or context.object(Customer, await loaders.customers.load(key))
        or context.object(Address, await loaders.addresses.load(key))
    )
