"""The transactions of returns: lock the order where its other returns count, then the return; fold, decide, append."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.databases.mysql import Connection
from chassis.rest.etags import check_if_match_when_sent
from shipping.events.streams import Cause
from shipping.problems import no_such_order, no_such_return
from shipping.replica import repository as replica
from shipping.replica.orders import StoredOrder
from shipping.returns import repository
from shipping.returns.decisions.receiving import receive
from shipping.returns.decisions.refunding import Paid, PaidLine, approve_refund
from shipping.returns.decisions.requesting import request
from shipping.returns.events import ReturnEvent
from shipping.returns.repository import Stored
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine, ReturnedUnits
from shipping.shipments import repository as shipments
from shipping.times import now

Decide = Callable[[Return, datetime], Sequence[ReturnEvent]]
"""A command: the events of a state, at a time. Raises `RuleBroken`."""


async def locked(tx: Connection, return_id: UUID, if_match: str | None) -> Stored:
    """The return, locked until the transaction ends. Raises the 404, and the 412 if `If-Match` was sent."""
    found = await repository.lock(tx, return_id)
    if found is None:
        raise no_such_return(return_id)
    check_if_match_when_sent(if_match, found.version)
    return found


def command(tx: Connection, before: Stored, decide: Decide, caller: str | None) -> tuple[Stored, datetime]:
    """Decide about a locked return and append what follows, together with the next statement. Raises `RuleBroken`."""
    moment = now()
    return repository.append_later(tx, before, decide(before.state, moment), Cause(caller), moment), moment


async def open_return(
    tx: Connection, return_id: UUID, order_id: UUID, units: Sequence[ReturnedUnits], caller: str | None
) -> tuple[Stored, datetime]:
    """Ask for the return of delivered units. The order is the lock: two returns cannot have the same units.

    Raises `RuleBroken`, and the 404 of the order.
    """
    order = (await replica.lock_orders(tx, [order_id])).get(order_id)
    if order is None:
        raise no_such_order(order_id)
    sent = (await shipments.read_states(tx, order.shipment_ids)).values() if order.shipment_ids else ()
    others, moment = await repository.of_order(tx, order_id), now()
    events = request(order.as_ordered(), units, sent, others, moment)
    return repository.open_later(tx, return_id, events, Cause(caller), moment), moment


async def receive_return(
    tx: Connection, before: Stored, came: Sequence[ReceivedLine], location: str | None, caller: str | None
) -> tuple[Stored, datetime]:
    """Note what came back of a locked return. Raises `RuleBroken`."""
    line_ids = {each.order_line_id for each in before.state.lines}
    gave = await shipments.find_locations(tx, before.state.order_id, line_ids)
    return command(tx, before, lambda it, at: receive(it, came, location, gave, at), caller)


async def approve_return(
    tx: Connection,
    order: StoredOrder | None,
    before: Stored,
    amounts: Sequence[tuple[UUID, Decimal]],
    freight: Decimal,
    caller: str | None,
) -> tuple[Stored, datetime]:
    """Approve the refund of a locked return of a locked order. Raises `RuleBroken`."""
    others = await repository.of_order(tx, before.state.order_id)
    paid = _paid(order)
    return command(tx, before, lambda it, at: approve_refund(it, paid, others, amounts, freight, at), caller)


def _paid(order: StoredOrder | None) -> Paid | None:
    if order is None or order.currency is None or order.freight is None:
        return None
    lines = {
        each.order_line_id: PaidLine(each.quantity, each.amount) for each in order.lines if each.amount is not None
    }
    return Paid(lines, order.freight, order.currency)
