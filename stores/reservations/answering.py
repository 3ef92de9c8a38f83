"""Answers reservations: a batch in one transaction, together with the position of the log after it."""

from __future__ import annotations

from collections import Counter as Counts
from datetime import datetime

from prometheus_client import Counter

from chassis.chunks.batch import Batch, Position
from chassis.databases.mysql import Connection, Database, transact
from contracts.inventory.reservations import RESERVATION, ReservationRow
from stores import repository
from stores.allocations import repository as allocation_repository
from stores.reading import positions
from stores.reservations.rules import Answers, answer

ANSWERS = Counter("oms_reservations_answered_total", "Reservations answered, by the state of the allocation", ["state"])


class Answering:
    """Answers the reservations of one store."""

    def __init__(self, database: Database, store_id: str) -> None:
        self._database = database
        self._store_id = store_id

    async def handle(self, batch: Batch) -> None:
        """Answer the reservations of this store in a batch, and store its position in the same transaction.

        Safe to repeat: what was answered is skipped. Raises Unavailable, and DataError for an invalid reservation.
        """
        reservations = [row for row in batch.rows(RESERVATION) if row.store_id == self._store_id]

        async def work(tx: Connection) -> Counts[str]:
            return await self._answer(tx, reservations, batch.position)

        for state, count in (await transact(self._database, work)).items():
            ANSWERS.labels(state).inc(count)

    async def _answer(self, tx: Connection, reservations: list[ReservationRow], position: Position) -> Counts[str]:
        counts: Counts[str] = Counts()
        if reservations:
            skus = {row.sku for row in reservations}
            locked = await repository.lock_stocks(tx, self._store_id, skus)
            known = await allocation_repository.find_allocations(tx, {row.reservation_id for row in reservations})
            answers = answer(locked.stocks if locked else {}, known, reservations)
            if answers.changed_allocations:
                now = locked.now if locked else await repository.now(tx)
                await self._write(tx, answers, now)
                counts.update(answers.allocations[each].state.value for each in answers.changed_allocations)
        positions.store(tx, position.topic, position.partition, position.next_offset)
        await tx.commit()
        return counts

    async def _write(self, tx: Connection, answers: Answers, now: datetime) -> None:
        repository.write_stocks(tx, [answers.stocks[sku] for sku in sorted(answers.changed_stocks)], now)
        repository.insert_movements(tx, answers.movements, now)
        changed = [answers.allocations[each] for each in sorted(answers.changed_allocations)]
        await allocation_repository.write_allocations(tx, self._store_id, changed, now)
