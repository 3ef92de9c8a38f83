"""Moves, counts and gives up units, each in the transaction of the caller: the stock, its ledger, and allocations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection
from chassis.databases.mysql_times import stored
from contracts.stores import AllocationState, Reason
from stores import models, repository, rules
from stores.allocations import repository as allocation_repository
from stores.problems import (
    count_of_the_future,
    no_such_allocation,
    no_such_stock,
    not_committed,
    reference_taken,
    refused,
    too_short,
)
from stores.repository import Locked
from stores.rules import Allocation, Movement, Stock


@dataclass(frozen=True)
class Change:
    """A movement with its id, the stock after it, and the allocations that became short."""

    movement_id: str
    movement: Movement
    stock: Stock
    short: list[Allocation]
    now: datetime


async def move(tx: Connection, store_id: str, new: models.NewMovement, caller: str | None) -> Change:
    """Move units. Raises the problems of a refusal and of a reference that is in use."""
    arrives = new.delta > 0
    locked = await repository.lock_stocks(tx, store_id, [new.sku], make=[new.sku] if arrives else ())
    before = _stock(locked, store_id, new.sku)
    if new.reference and await repository.known_references(tx, store_id, [(new.sku, new.reference)]):
        raise reference_taken(new.sku, new.reference)
    try:
        after, movement = rules.move(
            before,
            new.delta,
            Reason(new.reason.value),
            unsellable_delta=new.unsellable_delta,
            reference=new.reference,
            may_be_short=new.override,
        )
    except rules.Refusal as refusal:
        raise refused(refusal) from refusal
    return await _write(tx, locked, after, replace(movement, caller=caller, happened_at=stored(new.happened_at)))


async def count(tx: Connection, store_id: str, new: models.NewCount, caller: str | None) -> Change:
    """Correct the books to what was counted. Raises the problems of a refusal."""
    locked = await repository.lock_stocks(tx, store_id, [new.sku], make=[new.sku])
    before = _stock(locked, store_id, new.sku)
    if new.counted_at > before.movements:
        raise count_of_the_future(before.movements)
    moved = await repository.moved_since(tx, before, new.counted_at)
    try:
        after, movement = rules.count(before, new.counted, moved)
    except rules.Refusal as refusal:
        raise refused(refusal, "#/counted") from refusal
    return await _write(tx, locked, after, replace(movement, caller=caller))


async def give_up(
    tx: Connection, store_id: str, allocation_id: UUID, new: models.NewShortage, caller: str | None
) -> Change:
    """Make an allocation short, some units of which are missing or damaged. Raises the problems of a refusal."""
    row = await allocation_repository.find_allocation(tx, allocation_id)
    if row is None:
        raise no_such_allocation(allocation_id)
    locked = await repository.lock_stocks(tx, store_id, [row["sku"]])
    allocation = (await allocation_repository.find_allocations(tx, [allocation_id], lock=True))[allocation_id]
    if locked is None:
        raise no_such_stock(row["sku"])
    if allocation.state is not AllocationState.COMMITTED:
        raise not_committed(allocation_id, allocation.state)
    if new.quantity > allocation.quantity:
        raise too_short(allocation.quantity)
    before = locked.stocks[allocation.sku]
    uncommitted = replace(before, committed=before.committed - allocation.quantity)
    if new.reason is models.ShortageReason.MISSING:
        after, movement = rules.move(uncommitted, -new.quantity, Reason.COUNTED)
    else:
        after, movement = rules.move(uncommitted, 0, Reason.DAMAGED, unsellable_delta=new.quantity)
    short = rules.short(allocation, after)
    return await _write(tx, locked, after, replace(movement, caller=caller), [short])


async def _write(
    tx: Connection, locked: Locked | None, stock: Stock, movement: Movement, short: list[Allocation] | None = None
) -> Change:
    """Write a decision, the stock and the movement together with the next statement."""
    assert locked is not None, "a stock without a row has no units to move"
    short = short or []
    if stock.free < 0:
        newest = await allocation_repository.newest_committed(tx, stock, -stock.free)
        stock, given_up = rules.give_up(stock, newest)
        short.extend(given_up)
    repository.write_stocks(tx, [stock], locked.now)
    [movement_id] = repository.insert_movements(tx, [movement], locked.now)
    if short:
        await allocation_repository.write_allocations(tx, stock.store_id, short, locked.now)
    return Change(movement_id, movement, stock, short, locked.now)


def _stock(locked: Locked | None, store_id: str, sku: str) -> Stock:
    """The locked stock, or one without units."""
    return locked.stocks[sku] if locked else Stock(store_id, sku)
