"""Records what carriers report, in any order and however often: a message is kept first, then applied to its parcel.

A message whose tracking number no parcel has waits until one gets it. If the process ends between the two steps, the
carrier's retry or the worker's sweep does the second.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from chassis.databases.mysql import Connection, Database, transact
from shipping.carriers import forgetting, messages
from shipping.carriers.forgetting import forget_message, is_forgotten
from shipping.carriers.messages import KEPT_DAYS, Holder, Message
from shipping.events.streams import Cause
from shipping.shipments import repository
from shipping.shipments.decisions.tracking import record_tracking
from shipping.shipments.repository import Stored
from shipping.times import Clock

_AT_ONCE = 1000


class Result(StrEnum):
    """What became of a message."""

    RECORDED = "recorded"
    WAITING = "waiting"
    REPEATED = "repeated"
    FORGOTTEN = "forgotten"


async def receive(database: Database, message: Message, clock: Clock) -> Result:
    """Keep a message, and record it if its parcel is known. Safe to repeat. Raises Unavailable."""
    async with database.reading() as connection:
        if await is_forgotten(connection, message.carrier, message.tracking_number):
            return Result.FORGOTTEN
        is_new = await messages.insert(connection, message, clock())
    is_recorded = await record(database, message.carrier, message.tracking_number, clock)
    if not is_recorded and await _is_forgotten_by_now(database, message):
        return Result.FORGOTTEN
    if not is_new:
        return Result.REPEATED
    return Result.RECORDED if is_recorded else Result.WAITING


async def _is_forgotten_by_now(database: Database, message: Message) -> bool:
    """Whether the customer was erased while the message was kept. It is deleted then."""
    async with database.reading() as connection:
        if not await is_forgotten(connection, message.carrier, message.tracking_number):
            return False
        await forget_message(connection, message.carrier, message.event_id)
    return True


async def record(database: Database, carrier: str, tracking_number: str, clock: Clock) -> bool:
    """Record what waits for this number. False if no parcel has it."""
    async with database.reading() as connection:
        holder = await messages.find_holder(connection, carrier, tracking_number)
    if holder is None:
        return False
    await transact(database, partial(_record, holder=holder, carrier=carrier, number=tracking_number, clock=clock))
    return True


async def record_waiting(
    tx: Connection, before: Stored, carrier: str, tracking_number: str, parcel_id: str, moment: datetime
) -> Stored:
    """Append what waits for a parcel of a locked shipment, together with the next statement."""
    reports = await messages.lock_waiting(tx, carrier, tracking_number, parcel_id)
    after = before
    for report in reports:
        cause = Cause(f"carrier:{carrier}", f"{carrier}:{report.event_id}")
        if events := record_tracking(after.state, report):
            after = repository.append_later(tx, after, events, cause, moment)
    if reports:
        event_ids = [each.event_id for each in reports]
        messages.note_recorded_later(tx, carrier, event_ids, before.state.shipment_id)
    return after


async def sweep(database: Database, clock: Clock) -> int:
    """Record what was kept and not recorded, and delete what has waited too long. Returns how much was deleted."""
    async with database.reading() as connection:
        known = await messages.find_known_numbers(connection, _AT_ONCE)
    for carrier, tracking_number in known:
        await record(database, carrier, tracking_number, clock)
    async with database.reading() as connection:
        await forgetting.sweep(connection, clock(), _AT_ONCE)
        return await messages.sweep(connection, clock() - timedelta(days=KEPT_DAYS), _AT_ONCE)


async def _record(tx: Connection, holder: Holder, carrier: str, number: str, clock: Clock) -> None:
    found = await repository.lock(tx, [holder.shipment_id])
    if before := found.get(holder.shipment_id):
        await record_waiting(tx, before, carrier, number, holder.parcel_id, clock())
