"""The SQL of receipts, which are written once. The row of the stock is locked first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from chassis.databases.mysql import Connection, placeholders
from stores.inbound.rules import Receipt
from stores.repository import milliseconds

COLUMNS = (
    "inbound_id", "stock_id", "store_id", "sku", "reason", "quantity", "added", "refused", "on_hand", "unsellable",
    "committed", "delivered", "stock_version", "received_at", "version",
)  # fmt: skip


async def booked_inbounds(tx: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Those of these inbounds that have a receipt."""
    sql = f"SELECT inbound_id FROM receipt WHERE inbound_id IN ({placeholders(ids)})"
    return {UUID(row["inbound_id"]) for row in await tx.fetch_all(sql, [str(each) for each in ids])}


def insert_receipts(tx: Connection, receipts: Sequence[Receipt], now: datetime) -> None:
    """Insert receipts, together with the next statement."""
    if not receipts:
        return
    row = f"({placeholders(COLUMNS)})"
    sql = f"INSERT INTO receipt ({', '.join(COLUMNS)}) VALUES {', '.join([row] * len(receipts))}"
    tx.later(sql, [value for each in receipts for value in _row(each, now)])


def _row(receipt: Receipt, now: datetime) -> tuple[object, ...]:
    stock = receipt.stock
    return (
        *(str(receipt.inbound_id), stock.stock_id, stock.store_id, stock.sku, receipt.reason.value),
        *(receipt.quantity, receipt.added, receipt.refused),
        *(stock.on_hand, stock.unsellable, stock.committed, stock.delivered, stock.version),
        *(milliseconds(now), 1),
    )
