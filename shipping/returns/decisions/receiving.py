"""What came back of a return: once, as much as was announced at most."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from contracts.order_returns import ReturnOrigin, ReturnStatus
from contracts.shipping import ShippedLine
from shipping.returns.decisions.rules import ReturnRule, status_is
from shipping.returns.events import ReturnEvent, ReturnReceived, ReturnRequested
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine, RequestedLine
from shipping.shipments.decisions.rules import Rule, Violation, check
from shipping.shipments.state import Shipment

RETURNED_TO_SENDER = "returned-to-sender"
"""The reason of a return to sender of which the shipment says none."""


def receive(
    state: Return, came: Sequence[ReceivedLine], location: str | None, gave: Collection[str], at: datetime
) -> list[ReturnEvent]:
    """Note what came back; lines that are not named did not. Without a location, it is the one that gave the units.

    Raises RuleBroken.
    """
    violations = status_is(state, [ReturnStatus.AUTHORISED], ReturnRule.ONLY_AUTHORISED_IS_RECEIVED, "received")
    violations += _units_are_announced(state, came)
    if location is None and len(gave) == 1:
        [location] = gave
    if location is None:
        listed = ", ".join(sorted(gave)) or "no location"
        detail = f"The units came from {listed}: name the one that has them now."
        violations.append(Violation(ReturnRule.LOCATION_IS_NAMED, detail, "#/location"))
    check(violations)
    assert location is not None
    return [ReturnReceived(location=location, lines=tuple(came), at=at)]


def open_returned(shipment: Shipment, at: datetime) -> list[ReturnEvent]:
    """The return of a shipment that is back at its sender: its units have come, and are refunded like others."""
    reason = shipment.reason or RETURNED_TO_SENDER
    requested = ReturnRequested(
        order_id=shipment.order_id,
        customer_id=shipment.customer_id,
        origin=ReturnOrigin.RETURNED_TO_SENDER,
        shipment_id=shipment.shipment_id,
        lines=tuple(_requested(each, reason) for each in shipment.lines),
        at=at,
    )
    lines = (
        ReceivedLine(order_line_id=each.order_line_id, sellable=each.quantity, damaged=0) for each in shipment.lines
    )
    return [requested, ReturnReceived(location=shipment.location, lines=tuple(lines), at=at)]


def _requested(line: ShippedLine, reason: str) -> RequestedLine:
    return RequestedLine(
        order_line_id=line.order_line_id,
        line_number=line.line_number,
        sku=line.sku,
        quantity=line.quantity,
        reason=reason,
    )


def _units_are_announced(state: Return, came: Sequence[ReceivedLine]) -> list[Violation]:
    violations: list[Violation] = []
    announced = {each.order_line_id: each.quantity for each in state.lines}
    seen: set[UUID] = set()
    for number, each in enumerate(came):
        pointer, units = f"#/lines/{number}", each.sellable + each.damaged
        if each.order_line_id in seen:
            violations.append(Violation(Rule.LINE_IS_NAMED_ONCE, f"Line {each.order_line_id} is named twice.", pointer))
        seen.add(each.order_line_id)
        if each.order_line_id not in announced:
            detail = f"The return has no line {each.order_line_id}."
            violations.append(Violation(ReturnRule.LINE_IS_IN_THE_RETURN, detail, f"{pointer}/orderLineId"))
        elif units > announced[each.order_line_id]:
            detail = f"{announced[each.order_line_id]} units of line {each.order_line_id} were announced, not {units}."
            violations.append(Violation(ReturnRule.NOT_MORE_THAN_ANNOUNCED, detail, pointer))
        if min(each.sellable, each.damaged) < 0:
            violations.append(Violation(Rule.QUANTITY_IS_POSITIVE, "A number of units is negative.", pointer))
    if not any(each.sellable + each.damaged for each in came):
        detail = "No unit came back; cancel the return instead."
        violations.append(Violation(ReturnRule.UNITS_CAME_BACK, detail, "#/lines"))
    return violations
