"""The SKUs of this benchmark, which one store has: of most of them more units than it will sell, of one none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from aiokafka import ConsumerRecord

from chassis.chunks.batch import Batch, Entry, Position
from contracts.rows import Row
from contracts.stores import STOCK, StockRow, stock_id
from contracts.topics import Topic

STORE, UNITS = "seattle", 10**8

ORDERED = [f"NW-{number:04}" for number in range(77)]
"""The SKUs of orders, and of the store's answers."""

SPREAD = [f"HOLD-{number:04}" for number in range(1000)]
"""The SKUs of carts, so many that two of them rarely meet."""

HOT, SOLD_OUT = "HOLD-HOT", "HOLD-SOLD-OUT"

AnyRow = TypeVar("AnyRow", bound=Row)

NOW = datetime.now(UTC)


def stock() -> Batch:
    """The stock of all SKUs, as it arrives on the topic."""
    return batch(STOCK, [_row(SOLD_OUT, 0), *(_row(sku, UNITS) for sku in (HOT, *ORDERED, *SPREAD))])


def _row(sku: str, units: int) -> StockRow:
    return StockRow(
        stock_id=stock_id(STORE, sku),
        store_id=STORE,
        sku=sku,
        on_hand=units,
        unsellable=0,
        committed=0,
        movements=1,
        updated_at=NOW,
        version=1,
    )


def batch(topic: Topic[AnyRow], rows: Iterable[AnyRow]) -> Batch:
    """Rows as a chunk of one partition of a topic."""
    record = ConsumerRecord(topic.name, 0, 0, 0, 0, b"{}", b"{}", None, 2, 2, ())
    entries = [Entry(row, record) for row in rows]
    return Batch(topic, entries, Position(topic.name, 0, len(entries), NOW))
