"""Things by their id alone, whatever they are."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry
from strawberry import Info

from gateway.connections import MOST
from gateway.context import Context
from gateway.errors import BadInput
from gateway.fields import resolved
from gateway.nodes import Node, sku_in, uuid_in
from gateway.texts import cleaned

Ids = Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {MOST}.")]


@strawberry.type
class NodeQueries:
    """What a client can ask by id alone."""

    @resolved("What has this id; null when there is nothing with it (any more).")
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
    sku = sku_in(node_id)
    if sku is not None:
        return await context.loaders.products.load(cleaned(sku, "id"))
    loaders, key = context.loaders, uuid_in(node_id)
    return await loaders.orders.load(key) or await loaders.customers.load(key) or await loaders.addresses.load(key)
