"""Books inbound units: a batch in one transaction, together with the position of the log after it."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import Counter

from chassis.chunks.batch import Batch
from chassis.databases.mysql import Connection, Database, transact
from contracts.inventory.restocks import INBOUND, InboundRow
from stores import repository
from stores.inbound.repository import booked_inbounds, insert_receipts
from stores.inbound.rules import Receipt, book
from stores.reading import positions

UNITS = Counter("oms_store_inbound_units_total", "Inbound units that were booked: added, or refused", ["what"])


class Receiving:
    """Books what is sent to one store."""

    def __init__(self, database: Database, store_id: str) -> None:
        self._database = database
        self._store_id = store_id

    async def handle(self, batch: Batch) -> None:
        """Book the inbounds of this store in a batch, and store its position in the same transaction.

        Safe to repeat: what was booked is skipped. Raises Unavailable, and DataError for an invalid inbound.
        """
        inbounds = [row for row in batch.rows(INBOUND) if row.store_id == self._store_id and not row.is_deleted]

        async def work(tx: Connection) -> Sequence[Receipt]:
            receipts = await self._book(tx, inbounds) if inbounds else ()
            position = batch.position
            positions.store(tx, position.topic, position.partition, position.next_offset)
            await tx.commit()
            return receipts

        for receipt in await transact(self._database, work):
            UNITS.labels("added").inc(receipt.added)
            UNITS.labels("refused").inc(receipt.refused)

    async def _book(self, tx: Connection, inbounds: Sequence[InboundRow]) -> Sequence[Receipt]:
        skus = {row.sku for row in inbounds}
        locked = await repository.lock_stocks(tx, self._store_id, skus, make=skus)
        assert locked is not None, "rows that did not exist were made"
        booked = await booked_inbounds(tx, {row.inbound_id for row in inbounds})
        receipts = book(locked.stocks, booked, inbounds)
        repository.write_stocks(tx, [receipts.stocks[sku] for sku in sorted(receipts.changed_stocks)], locked.now)
        repository.insert_movements(tx, receipts.movements, locked.now)
        insert_receipts(tx, receipts.receipts, locked.now)
        return receipts.receipts
