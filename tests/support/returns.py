"""Returns as tests want them: what is paid for an order, and a return of some of its units in any status."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from uuid import UUID, uuid4

from contracts.order_returns import ReturnStatus
from shipping.returns.decisions.receiving import receive
from shipping.returns.decisions.refunding import Paid, PaidLine, approve_refund, refund
from shipping.returns.decisions.requesting import authorise, cancel, refuse, request
from shipping.returns.events import ReturnEvent
from shipping.returns.folding import apply, fold
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine, ReturnedUnits
from shipping.shipments.decisions.delivering import deliver, dispatch
from shipping.shipments.decisions.grouping import Order
from shipping.shipments.decisions.packing import pack
from shipping.shipments.state import Shipment
from tests.support.shipments import after, an_order, planned
from tests.support.shop.rows import NOON


def a_delivered(*quantities: int) -> tuple[Order, Shipment]:
    """An order with a line for each quantity, and its shipment, which was delivered."""
    order = an_order(*quantities)
    shipment = planned(order)
    shipment = after(shipment, pack(shipment, [None], NOON))
    shipment = after(shipment, dispatch(shipment, "dhl", NOON))
    return order, after(shipment, deliver(shipment, NOON))


def paid_for(order: Order, *amounts: str, freight: str = "5.00", currency: str = "USD") -> Paid:
    """What is paid for the lines of an order."""
    lines = {
        line.order_line_id: PaidLine(line.quantity, Decimal(amount))
        for line, amount in zip(order.lines, amounts, strict=True)
    }
    return Paid(lines, Decimal(freight), currency)


def to_return(order: Order, *quantities: int, reason: str = "too-small") -> list[ReturnedUnits]:
    """So many units of the first, second, … line; none of those with 0."""
    lines = zip(order.lines, quantities, strict=False)
    return [
        ReturnedUnits(order_line_id=line.order_line_id, quantity=quantity, reason=reason)
        for line, quantity in lines
        if quantity
    ]


def opened(events: Sequence[ReturnEvent], return_id: UUID | None = None) -> Return:
    """The return that begins with these events."""
    state = fold(return_id or uuid4(), events)
    assert state is not None
    return state


def then(state: Return, events: Sequence[ReturnEvent]) -> Return:
    """The return after these events."""
    return reduce(apply, events, state)


def came(state: Return, *sellable: int, damaged: int = 0) -> list[ReceivedLine]:
    """What came back: so many sellable units of each line, by default all of them, and damaged ones of the first."""
    units = sellable or [line.quantity for line in state.lines]
    return [
        ReceivedLine(order_line_id=line.order_line_id, sellable=each, damaged=0 if number else damaged)
        for number, (line, each) in enumerate(zip(state.lines, units, strict=True))
    ]


def a_return(
    status: ReturnStatus = ReturnStatus.REQUESTED,
    *,
    of: tuple[Order, Shipment] | None = None,
    units: Sequence[int] = (2,),
    others: Sequence[Return] = (),
    paid: Paid | None = None,
) -> Return:
    """A return of 2 of 3 delivered units, or of `units`, of an order that costs 10.00."""
    order, shipment = of or a_delivered(3)
    paid = paid or paid_for(order, *("10.00" for _ in order.lines))
    state = opened(request(order, to_return(order, *units), [shipment], others, NOON))
    steps = {
        ReturnStatus.AUTHORISED: lambda it: authorise(it, "RMA-1", NOON),
        ReturnStatus.REFUSED: lambda it: refuse(it, "too-late", NOON),
        ReturnStatus.CANCELLED: lambda it: cancel(it, "kept", NOON),
        ReturnStatus.RECEIVED: lambda it: receive(it, came(it), "lima", {"lima"}, NOON),
        ReturnStatus.REFUND_APPROVED: lambda it: approve_refund(it, paid, others, [], Decimal(0), NOON),
        ReturnStatus.REFUNDED: lambda it: refund(it, "re_1", NOON),
    }
    for step in _WAYS[status]:
        state = then(state, steps[step](state))
    return state


_STEPS = (ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED, ReturnStatus.REFUND_APPROVED, ReturnStatus.REFUNDED)
_WAYS: dict[ReturnStatus, tuple[ReturnStatus, ...]] = {
    ReturnStatus.REQUESTED: (),
    ReturnStatus.REFUSED: (ReturnStatus.REFUSED,),
    ReturnStatus.CANCELLED: (ReturnStatus.CANCELLED,),
    **{status: _STEPS[: number + 1] for number, status in enumerate(_STEPS)},
}
