"""Things by their id alone, whatever they are."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.errors import BadInput
from gateway.fields.fields import from_optional_row, resolved
from gateway.fields.nodes import Node, sku_in, uuid_in
from gateway.fields.paging import MOST
from gateway.fields.relations import AnyOf, One
from gateway.fields.scalars import cleaned
from gateway.shop.context import Context
from gateway.shop.customers import Address, Customer
from gateway.shop.orders import Order
from gateway.shop.products import Product

Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MOST}.")]


def _uuid(node_id: str) -> UUID | None:
    return None if sku_in(node_id) is not None else uuid_in(node_id)


def _sku(node_id: str) -> str | None:
    sku = sku_in(node_id)
    return None if sku is None else cleaned(sku, "id")


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
    """What a client can ask by id alone."""

    @resolved("What has this id; null when there is nothing with it (any more).", _NODE)
    async def node(self, info: Info[Context, None], id: strawberry.ID) -> Node | None:
        """One node."""
        return await _node(info.context, id)

    @resolved("What has these ids, in the same order; null for each that there is nothing with.")
    async def nodes(self, info: Info[Context, None], ids: Ids) -> list[Node | None]:
        """Several nodes."""
        if len(ids) > MOST:
            raise BadInput(f"`ids` has at most {MOST} ids, not {len(ids)}")
        return list(await asyncio.gather(*(_node(info.context, each) for each in ids)))


async def _node(context: Context, node_id: str) -> Node | None:
    loaders, sku, key = context.loaders, _sku(node_id), _uuid(node_id)
    if sku is not None:
        return from_optional_row(Product, await loaders.products.load(sku))
    return (
        from_optional_row(Order, await loaders.orders.load(key))
        or from_optional_row(Customer, await loaders.customers.load(key))
        or from_optional_row(Address, await loaders.addresses.load(key))
    )
