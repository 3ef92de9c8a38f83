"""Asks for the return of delivered units; authorises, refuses or cancels it. No unit is in two returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from contracts.order_returns import ReturnOrigin, ReturnStatus
from contracts.shipping import ShipmentStatus
from shipping.returns.decisions.rules import ReturnRule, status_is
from shipping.returns.events import ReturnAuthorised, ReturnCancelled, ReturnEvent, ReturnRefused, ReturnRequested
from shipping.returns.state import Return
from shipping.returns.values import RequestedLine, ReturnedUnits
from shipping.shipments.decisions.delivering import reason_is_a_code
from shipping.shipments.decisions.grouping import Order
from shipping.shipments.decisions.planning import of_named, units_of
from shipping.shipments.decisions.rules import Violation, check
from shipping.shipments.state import Shipment

_UNDECIDED = (ReturnStatus.REQUESTED,)
_ON_THEIR_WAY = (ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED)


def request(
    order: Order,
    units: Sequence[ReturnedUnits],
    shipments: Iterable[Shipment],
    others: Iterable[Return],
    at: datetime,
) -> list[ReturnEvent]:
    """Ask for the return of units of an order, of which these are all shipments and all returns. Raises RuleBroken."""
    violations, left = of_named(units), returnable(shipments, others)
    lines = {each.order_line_id: each for each in order.lines}
    for number, each in enumerate(units):
        violations += reason_is_a_code(each.reason, f"#/lines/{number}/reason")
        if each.order_line_id not in lines:
            detail = f"The order has no line {each.order_line_id}."
            violations.append(Violation(ReturnRule.LINE_IS_OF_THE_ORDER, detail, f"#/lines/{number}/orderLineId"))
        elif each.quantity > left[each.order_line_id]:
            detail = f"{left[each.order_line_id]} delivered units of line {each.order_line_id} are in no return yet."
            violations.append(Violation(ReturnRule.NOTHING_LEFT_TO_RETURN, detail, f"#/lines/{number}/quantity"))
    check(violations)
    requested = tuple(
        RequestedLine(
            order_line_id=each.order_line_id,
            line_number=lines[each.order_line_id].line_number,
            sku=lines[each.order_line_id].sku,
            quantity=each.quantity,
            reason=each.reason,
        )
        for each in units
    )
    origin = ReturnOrigin.DELIVERED
    return [
        ReturnRequested(order_id=order.order_id, customer_id=order.customer_id, origin=origin, lines=requested, at=at)
    ]


def returnable(shipments: Iterable[Shipment], returns: Iterable[Return]) -> Counter[UUID]:
    """The delivered units of each order line that are in no return."""
    left = units_of(each for each in shipments if each.status is ShipmentStatus.DELIVERED)
    for each in returns:
        if each.origin is ReturnOrigin.DELIVERED:
            left.subtract(each.held)
    return left


def authorise(state: Return, rma_number: str, at: datetime) -> list[ReturnEvent]:
    """Let the customer send the units. Raises RuleBroken."""
    check(status_is(state, _UNDECIDED, ReturnRule.ONLY_REQUESTED_IS_AUTHORISED, "authorised"))
    return [ReturnAuthorised(rma_number=rma_number, at=at)]


def refuse(state: Return, reason: str, at: datetime) -> list[ReturnEvent]:
    """Refuse to take the units back. Raises RuleBroken."""
    violations = status_is(state, _UNDECIDED, ReturnRule.ONLY_REQUESTED_IS_REFUSED, "refused")
    check(violations + reason_is_a_code(reason))
    return [ReturnRefused(reason=reason, at=at)]


def cancel(state: Return, reason: str, at: datetime) -> list[ReturnEvent]:
    """End it before the units came back. Raises RuleBroken."""
    rule = ReturnRule.ONLY_REQUESTED_OR_AUTHORISED_IS_CANCELLED
    check(status_is(state, _ON_THEIR_WAY, rule, "cancelled") + reason_is_a_code(reason))
    return [ReturnCancelled(reason=reason, at=at)]


def rma_number_of(return_id: UUID) -> str:
    """The number that the customer writes on the parcel: the end of the return's id."""
    return f"RMA-{return_id.hex[-12:].upper()}"
