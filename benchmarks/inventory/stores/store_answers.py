"""Reservations that one store answers by batch, against the bare statements."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import choice
from typing import Any
from uuid import uuid4

from benchmarks import measures
from benchmarks.inventory.batches import Work
from benchmarks.inventory.shelves import NOW, ORDERED, STORE, UNITS, batch
from benchmarks.measures import Measure
from chassis.chunks.batch import Batch
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.databases.mysql_upserts import write_newer
from chassis.rest import idempotency
from contracts.inventory.reservations import RESERVATION, ReservationRow, ReservationState, Wanted
from contracts.stores import AllocationState, Reason, stock_id
from stores import repository
from stores.allocations import repository as allocation_repository
from stores.reading import positions
from stores.reading.reader import BATCH
from stores.reservations.answering import Answering
from stores.rules import Stock, move
from stores.settings import MIGRATIONS, database

_SUMS = """
SELECT (SELECT SUM(committed) FROM stock) AS committed, (SELECT COUNT(*) FROM allocation) AS allocations,
    (SELECT SUM(quantity) FROM allocation WHERE state = 'committed') AS allocated,
    (SELECT SUM(version) - COUNT(*) FROM stock) AS versions
"""


async def measure_store(options: Namespace) -> None:
    """New reservations of many SKUs. Raises RuntimeError if the sums are wrong."""
    os.environ["OMS_STORE_ID"] = STORE
    store = database()
    runs: dict[str, list[Measure]] = {"answered": [], "bare": []}
    try:
        await migrate_mysql(store, idempotency.MIGRATIONS, MIGRATIONS)
        await _receive(store)
        for _ in range(options.rounds):
            for name, work in _works(store, options.batches).items():
                run = await work.timed(name)
                print(run.line("reservations"), flush=True)
                runs[name].append(run)
        await _check(store, sum(run.done for some in runs.values() for run in some))
    finally:
        await store.close()
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio("store-answers-to-bare-batches", rate["answered"] / rate["bare"], 0.5))


async def _receive(store: Database) -> None:
    async with store.transaction() as tx:
        locked = await repository.lock_stocks(tx, STORE, ORDERED, make=ORDERED)
        assert locked is not None
        changes = [move(stock, UNITS, Reason.RECEIVED) for stock in locked.stocks.values()]
        repository.write_stocks(tx, [stock for stock, _ in changes], locked.now)
        repository.insert_movements(tx, [movement for _, movement in changes], locked.now)


def _works(store: Database, batches: int) -> dict[str, Work[Any]]:
    async def write(bare: BareBatch) -> None:
        await bare.write(store)

    return {
        "answered": Work(BATCH, [_reservations() for _ in range(batches)], Answering(store, STORE).handle),
        "bare": Work(BATCH, [BareBatch(_reservations()) for _ in range(batches)], write),
    }


def _reservations() -> Batch:
    return batch(RESERVATION, [_reservation(choice(ORDERED)) for _ in range(BATCH)])


def _reservation(sku: str) -> ReservationRow:
    return ReservationRow(
        reservation_id=uuid4(),
        order_id=uuid4(),
        order_detail_id=uuid4(),
        lines_version=1,
        stock_id=stock_id(STORE, sku),
        store_id=STORE,
        sku=sku,
        quantity=1,
        attempt=1,
        wanted=Wanted.COMMIT,
        state=ReservationState.ASKED,
        ask_until=NOW + timedelta(seconds=30),
        version=1,
    )


class BareBatch:
    """The statements of one batch, with all values ready but the units that are read."""

    def __init__(self, reservations: Batch) -> None:
        rows, self._position = reservations.rows(RESERVATION), reservations.position
        self._ids = {row.reservation_id for row in rows}
        self._units = Counter(row.sku for row in rows)
        self._allocations = [_allocation(row) for row in sorted(rows, key=lambda row: row.reservation_id)]

    async def write(self, store: Database) -> None:
        """Execute the statements."""
        async with store.transaction() as tx:
            locked = await repository.lock_stocks(tx, STORE, self._units)
            await allocation_repository.find_allocations(tx, self._ids)
            assert locked is not None
            repository.write_stocks(tx, map(self._committed, locked.stocks.values()), locked.now)
            await write_newer(tx, "allocation", allocation_repository.COLUMNS, self._allocations)
            positions.store(tx, self._position.topic, self._position.partition, self._position.next_offset)

    def _committed(self, stock: Stock) -> Stock:
        units = self._units[stock.sku]
        return replace(stock, committed=stock.committed + units, version=stock.version + units)


def _allocation(row: ReservationRow) -> tuple[object, ...]:
    return (
        *(str(row.reservation_id), row.stock_id, row.store_id, row.sku, str(row.order_id), row.quantity),
        *(AllocationState.COMMITTED.value, row.version, UNITS, 0, 1000, 0, 1000, NOW.replace(tzinfo=None), 1),
    )


async def _check(store: Database, answered: int) -> None:
    async with store.reading() as connection:
        row = await connection.fetch_one(_SUMS)
    assert row is not None
    if any(row[name] != answered for name in ("committed", "allocations", "allocated", "versions")):
        raise RuntimeError(f"{answered} reservations were answered, the database has {row}")
    print(f"{answered} reservations are committed by the store")
