"""The part of the demonstration about shipping: an order's shipment is packed and sent, and the order follows."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any

from chassis.retrying import attempts
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.demo import output
from oms.demo.storefront import graphql
from oms.terminal import console

TIMEOUT_S = 60.0

PACKING = {"parcels": [{"weight": "1.250"}]}
DISPATCH = {"carrier": "dhl"}

SHIPMENT_QUERY = """\
query ($id: ID!) {
  order(id: $id) {
    status fulfilment
    shipments { status location carrier lines { sku quantity } parcels { parcelId weight } deliveryAddress { city } }
  }
}"""


async def show_shipment(rest: Rest, order_id: str) -> None:
    """Pack and dispatch the shipments of a confirmed order; print their events, and the order that has followed."""
    for shipment in await _planned(rest, order_id):
        await _send(rest, f"/shipments/{shipment['id']}", shipment["status"])
    output.code(SHIPMENT_QUERY, "graphql")
    output.code(output.pretty(await _shipped(rest, order_id)), "json")


async def _send(rest: Rest, path: str, status: str) -> None:
    for command, body in (("pack", PACKING), ("dispatch", DISPATCH)) if status == "planned" else ():
        await until_available(partial(rest.post, "shipping", f"{path}/{command}", body))
        console.print(f"[bold]POST {path}/{command}[/bold]", soft_wrap=True)
    events = await until_available(partial(rest.get, "shipping", f"{path}/events"))
    for event in events.json()["items"]:
        console.print(f"  {event['sequence']}  {event['type']}")


async def _planned(rest: Rest, order_id: str) -> list[dict[str, Any]]:
    """The shipments of the order once it has some; none after `TIMEOUT_S`."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        answer = await until_available(lambda: rest.get("shipping", "/shipments", orderId=order_id))
        found: list[dict[str, Any]] = answer.json()["items"]
        if found or monotonic() > deadline:
            return found
    raise AssertionError("attempts never end")


async def _shipped(rest: Rest, order_id: str) -> dict[str, Any]:
    """The order in GraphQL once it has followed its shipments; as it is after `TIMEOUT_S`."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        order = (await graphql(rest, SHIPMENT_QUERY, {"id": order_id})).get("order") or {}
        if order.get("status") == "SHIPPED" or monotonic() > deadline:
            return order
    raise AssertionError("attempts never end")
