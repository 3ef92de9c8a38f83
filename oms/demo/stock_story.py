"""The part of the demonstration about stock: an order is confirmed by its store, another one is refused."""

from __future__ import annotations

from time import monotonic
from typing import Any

import httpx

from chassis.retrying import attempts
from oms.company.rest import Rest
from oms.demo import output
from oms.demo.storefront import SOLD_OUT, graphql, order_of, place_order
from oms.terminal import console

TIMEOUT_S = 60.0

SOURCING_QUERY = """\
query ($id: ID!) {
  order(id: $id) {
    status rejectionReason
    sourcing { status reason lines { sku quantity parts { storeId quantity state } } }
    lines { sku product { availability { status available } } }
  }
}"""


async def show_stock_of(rest: Rest, placed: httpx.Response) -> None:
    """Print the order once its store has committed its units, and it is confirmed."""
    order = await _decided(rest, placed.json()["id"])
    output.code(SOURCING_QUERY, "graphql")
    output.code(output.pretty(order), "json")


async def show_shortage(rest: Rest, customer_id: str, address_id: str) -> None:
    """Place an order of a product that is out of stock, and print why it is rejected."""
    placed = await place_order(rest, order_of(customer_id, address_id, SOLD_OUT))
    order = await _decided(rest, placed.json()["id"])
    console.print(f"ordered {' and '.join(f'{count} of {sku}' for sku, count in SOLD_OUT.items())}")
    console.print(f"[bold]{order.get('status')}[/bold]: {order.get('rejectionReason')}", soft_wrap=True)


async def _decided(rest: Rest, order_id: str) -> dict[str, Any]:
    """The order in GraphQL once it is no longer placed; as it is after `TIMEOUT_S`."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        order = (await graphql(rest, SOURCING_QUERY, {"id": order_id})).get("order") or {}
        if order.get("status") not in (None, "PLACED") or monotonic() > deadline:
            return order
    raise AssertionError("attempts never end")
