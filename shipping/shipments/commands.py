"""The transaction of a command on one shipment: lock, fold, decide, append."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection
from chassis.rest.etags import check_if_match_when_sent
from shipping.days.values import DayKey
from shipping.events.streams import Cause
from shipping.problems import in_the_future, no_such_shipment
from shipping.replica import repository as replica
from shipping.shipments import repository
from shipping.shipments.decisions.committed import check_committed
from shipping.shipments.decisions.delivering import erase
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.repository import Stored
from shipping.shipments.rows import Personal
from shipping.shipments.state import Shipment
from shipping.times import now

Decide = Callable[[Shipment, datetime], Sequence[ShipmentEvent]]
"""A command: the events of a state, at a time. Raises `RuleBroken`."""

CLOCKS_DIFFER = timedelta(seconds=5)
"""How far the clock of a client may be ahead."""


async def locked(
    tx: Connection,
    shipment_id: UUID,
    if_match: str | None,
    check: Callable[[str | None, int], None] = check_if_match_when_sent,
    day: DayKey | None = None,
) -> Stored:
    """The shipment, and the day if one is given, locked until the transaction ends.

    Raises the 404, and what `check` says of `If-Match`.
    """
    found = (await repository.lock(tx, [shipment_id], day)).get(shipment_id)
    if found is None:
        raise no_such_shipment(shipment_id)
    check(if_match, found.version)
    return found


async def command(
    tx: Connection,
    before: Stored,
    decide: Decide,
    caller: str | None,
    at: datetime | None = None,
    personal: Personal | None = None,
) -> tuple[Stored, datetime]:
    """Decide about a locked shipment and append what follows, together with the next statement.

    Returns the shipment, and when this was done. Personal data is not kept of a customer who was deleted. Raises
    `RuleBroken`.
    """
    moment = now()
    before = await without_erased(tx, before, personal, Cause(caller), moment)
    events = decide(before.state, happened(at, moment))
    if personal is not None and before.state.erased_at is None:
        before = before._replace(personal=personal)
    return repository.append_later(tx, before, events, Cause(caller), moment), moment


async def check_units(tx: Connection, state: Shipment) -> None:
    """Raises RuleBroken for a shipment that shall leave, and whose units its store does not give any more."""
    sourcing = (await replica.read_sourcings(tx, [state.order_id])).get(state.order_id)
    if sourcing is not None:
        check_committed(state, sourcing)


async def without_erased(
    tx: Connection, before: Stored, personal: Personal | None, cause: Cause, moment: datetime
) -> Stored:
    """The shipment, erased if the command has personal data of a customer who was deleted since it was planned."""
    if personal is None or before.state.erased_at is not None:
        return before
    if not await replica.read_erased(tx, [before.state.customer_id]):
        return before
    return repository.append_later(tx, before, erase(before.state, moment), cause, moment)


def happened(at: datetime | None, moment: datetime, ahead: timedelta = CLOCKS_DIFFER) -> datetime:
    """The time at which something happened, by default now. Raises the 422 of a time that has not come."""
    if at is not None and at > moment + ahead:
        raise in_the_future()
    return at or moment


def with_recipient(personal: Personal, received_by: str | None) -> Personal:
    """The personal data of a delivered shipment."""
    return msgspec.structs.replace(personal, received_by=received_by)


def with_number(personal: Personal, parcel_id: str, tracking_number: str) -> Personal:
    """The personal data of a shipment one of whose parcels has this tracking number."""
    numbers = {**personal.tracking_numbers, parcel_id: tracking_number}
    return msgspec.structs.replace(personal, tracking_numbers=numbers)
