"""What requests about returns refer to: an order whose units were delivered, and returns for each command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import UUID, uuid5

from msgspec.structs import replace

from shipping import settings
from shipping.events.streams import Cause
from shipping.replica import repository as replica
from shipping.returns import repository
from shipping.returns.decisions.receiving import receive
from shipping.returns.decisions.refunding import Paid, PaidLine, approve_refund
from shipping.returns.decisions.requesting import authorise, request
from shipping.returns.events import ReturnEvent
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine, ReturnedUnits
from shipping.shipments import repository as shipments
from shipping.shipments.decisions.grouping import group, order_of
from shipping.shipments.decisions.regrouping import regroup
from tests.support.shipping import a_graph
from tests.support.shop.shipments_of_the_examples import MOST, NOW, SEND, shipments_of_the_examples

Step = Callable[[Return], Sequence[ReturnEvent]]

_LINES = [replace(line, id=UUID(int=178)) for line in a_graph(("NW-0001", 1_000_000)).lines]
_GRAPH = a_graph(id=UUID(int=177), lines=_LINES, customer_id=UUID(int=179))
_ORDER = order_of(_GRAPH)
_LINE_ID = _ORDER.lines[0].order_line_id

REFERENCES = {
    "orderId": str(_GRAPH.id), "orderLineId": str(_LINE_ID), "quantity": 1, "sellable": 1, "damaged": 0,
    "amount": "0", "freight": "0",
}  # fmt: skip

_AUTHORISE: Step = lambda it: authorise(it, "RMA-1", NOW)  # noqa: E731
_RECEIVE: Step = lambda it: receive(  # noqa: E731
    it, [ReceivedLine(order_line_id=_LINE_ID, sellable=1, damaged=0)], "main", ["main"], NOW
)
_PAID = Paid({_LINE_ID: PaidLine(1_000_000, Decimal(54))}, Decimal(0), "USD")
_APPROVE: Step = lambda it: approve_refund(it, _PAID, [], [], Decimal(0), NOW)  # noqa: E731

BEGINS: dict[str, tuple[Step, ...]] = {
    "authorise": (),
    "refuse": (),
    "cancel": (),
    "receive": (_AUTHORISE,),
    "approve-refund": (_AUTHORISE, _RECEIVE),
    "refund": (_AUTHORISE, _RECEIVE, _APPROVE),
}
"""The commands, and what has happened before to the returns that they are sent to. Each has returns of its own."""


def return_id(command: str, number: int) -> str:
    """The id of the return with this number for this command; of one to read, for any other word."""
    return str(uuid5(_GRAPH.id, f"{command if command in BEGINS else 'authorise'} {number % MOST}"))


@asynccontextmanager
async def returns_of_the_examples() -> AsyncIterator[None]:
    """The rows, with those of shipments, in the database of shipping. The tables are there."""
    opened = settings.database()
    [(shipment_id, planned)] = regroup(_ORDER, group(_ORDER, [], "main"), [], NOW).items()
    async with shipments_of_the_examples(), opened.transaction() as tx:
        replica.write_orders_later(tx, [_GRAPH])
        replica.write_shipments_later(tx, _GRAPH.id, [shipment_id])
        shipment = shipments.plan_later(tx, shipment_id, planned, Cause(None), NOW)
        for send in SEND:
            shipment = shipments.append_later(tx, shipment, send(shipment.state), Cause(None), NOW)
        units = [ReturnedUnits(order_line_id=_LINE_ID, quantity=1, reason="too-small")]
        opening = request(_ORDER, units, [shipment.state], [], NOW)
        for command, steps in BEGINS.items():
            for number in range(MOST):
                made = repository.open_later(tx, UUID(return_id(command, number)), opening, Cause(None), NOW)
                for step in steps:
                    made = repository.append_later(tx, made, step(made.state), Cause(None), NOW)
    await opened.close()
    yield
