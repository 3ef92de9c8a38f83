"""The part of the demonstration about shipping: a shipment is packed and sent, and one of its units returned."""

from __future__ import annotations

from collections.abc import Callable
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


RETURN_QUERY = """\
query ($id: ID!) {
  order(id: $id) {
    status fulfilment
    returns { status rmaNumber refund { amount currency } lines { sku quantity sellable refund { amount } } }
  }
}"""


async def show_shipment(rest: Rest, order_id: str) -> None:
    """Pack and dispatch the shipments of a confirmed order; print their events, and the order that has followed."""
    for shipment in await _planned(rest, order_id):
        await _send(rest, f"/shipments/{shipment['id']}", shipment["status"])
    output.code(SHIPMENT_QUERY, "graphql")
    output.code(output.pretty(await _shipped(rest, order_id)), "json")


async def show_return(rest: Rest, order_id: str) -> None:
    """Deliver the shipments of the order, return and refund a unit; print the steps, and the order in GraphQL.

    Run once more, it prints the return that there is.
    """
    for shipment in await _planned(rest, order_id):
        if shipment["status"] == "dispatched":
            await _do(rest, f"/shipments/{shipment['id']}/deliver")
    returns = await until_available(lambda: rest.get("shipping", "/returns", orderId=order_id))
    if not returns.json()["items"]:
        await _return_a_unit(rest, order_id)
    output.code(RETURN_QUERY, "graphql")
    output.code(output.pretty(await _returned(rest, order_id)), "json")


async def _return_a_unit(rest: Rest, order_id: str) -> None:
    [shipment, *_] = await _planned(rest, order_id)
    line_id = shipment["lines"][0]["orderLineId"]
    lines = [{"orderLineId": line_id, "quantity": 1, "reason": "too-small"}]
    asked = await _do(rest, "/returns", {"orderId": order_id, "lines": lines}, key=f"demo-return-{order_id}")
    path = f"/returns/{asked['id']}"
    await _do(rest, f"{path}/authorise")
    await _do(rest, f"{path}/receive", {"lines": [{"orderLineId": line_id, "sellable": 1}]})
    await _do(rest, f"{path}/approve-refund")


async def _do(rest: Rest, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
    answer = await until_available(partial(rest.post, "shipping", path, body or {}, key=key))
    console.print(f"[bold]POST {path}[/bold]", soft_wrap=True)
    done: dict[str, Any] = answer.json()
    return done


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
    return await _shown(rest, SHIPMENT_QUERY, order_id, lambda order: order.get("status") == "SHIPPED")


async def _returned(rest: Rest, order_id: str) -> dict[str, Any]:
    """The order in GraphQL once it has its refund; as it is after `TIMEOUT_S`."""
    return await _shown(
        rest, RETURN_QUERY, order_id, lambda order: any(each["refund"] for each in order.get("returns", ()))
    )


async def _shown(rest: Rest, query: str, order_id: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        order = (await graphql(rest, query, {"id": order_id})).get("order") or {}
        if is_so(order) or monotonic() > deadline:
            return order
    raise AssertionError("attempts never end")
