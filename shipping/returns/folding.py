"""Folds the events of a return to its state. No rule is checked here: what has happened has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from uuid import UUID

from msgspec.structs import replace

from contracts.order_returns import ReturnLine, ReturnStatus
from shipping.events.codec import BrokenStream
from shipping.returns import events as e
from shipping.returns.state import Refund, Return
from shipping.returns.values import ReceivedLine, RefundedLine


def apply(state: Return, event: e.ReturnEvent) -> Return:
    """The state after an event. Raises TypeError for a type that is not known here."""
    status, at, changed = ReturnStatus, event.at, replace(state, version=state.version + 1)
    match event:
        case e.ReturnRequested():
            return replace(begin(state.return_id, event), version=changed.version)
        case e.ReturnAuthorised(rma_number=number):
            return replace(changed, status=status.AUTHORISED, rma_number=number, authorised_at=at)
        case e.ReturnRefused(reason=reason):
            return replace(changed, status=status.REFUSED, reason=reason, refused_at=at)
        case e.ReturnCancelled(reason=reason):
            return replace(changed, status=status.CANCELLED, reason=reason, cancelled_at=at)
        case e.ReturnReceived(location=location, lines=came):
            lines = _received(state.lines, came)
            return replace(changed, status=status.RECEIVED, location=location, lines=lines, received_at=at)
        case e.RefundApproved(lines=refunded):
            refund = Refund(lines=refunded, freight=event.freight, currency=event.currency)
            lines = _refunded(state.lines, refunded)
            return replace(changed, status=status.REFUND_APPROVED, refund=refund, lines=lines, refund_approved_at=at)
        case e.Refunded(reference=reference):
            paid = replace(state.refund, reference=reference) if state.refund else None
            return replace(changed, status=status.REFUNDED, refund=paid, refunded_at=at)
        case _:
            raise TypeError(type(event).__name__)


def begin(return_id: UUID, requested: e.ReturnRequested) -> Return:
    """The state after the first event of a stream."""
    lines = tuple(
        ReturnLine(
            sku=each.sku,
            reason=each.reason,
            quantity=each.quantity,
            line_number=each.line_number,
            order_line_id=each.order_line_id,
        )
        for each in requested.lines
    )
    return Return(
        return_id=return_id,
        order_id=requested.order_id,
        customer_id=requested.customer_id,
        origin=requested.origin,
        shipment_id=requested.shipment_id,
        lines=lines,
        requested_at=requested.at,
    )


def fold(return_id: UUID, events: Iterable[e.ReturnEvent]) -> Return | None:
    """The state after all events, None if there are none. Raises BrokenStream."""
    rest = iter(events)
    first = next(rest, None)
    if first is None:
        return None
    if not isinstance(first, e.ReturnRequested):
        raise BrokenStream(f"return {return_id} begins with {type(first).__name__}")
    return reduce(apply, rest, begin(return_id, first))


def _received(lines: Sequence[ReturnLine], came: Sequence[ReceivedLine]) -> tuple[ReturnLine, ...]:
    units = {each.order_line_id: (each.sellable, each.damaged) for each in came}
    found = ((line, *units.get(line.order_line_id, (0, 0))) for line in lines)
    return tuple(replace(line, sellable=sellable, damaged=damaged) for line, sellable, damaged in found)


def _refunded(lines: Sequence[ReturnLine], refunded: Sequence[RefundedLine]) -> tuple[ReturnLine, ...]:
    amounts = {each.order_line_id: each.amount for each in refunded}
    return tuple(replace(line, amount=amounts.get(line.order_line_id)) for line in lines)
