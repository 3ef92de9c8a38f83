"""The handler of `order_return`: stores shall book in the sellable units that customers sent back, once.

Those of a shipment that came back to its sender are booked in from the shipment: see `departing.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from chassis.chunks.batch import Batch
from chassis.chunks.handling import Handler
from chassis.databases.mysql import Connection, Database, placeholders, transact
from contracts.inventory.restocks import InboundReason, InboundRow
from contracts.order_returns import HAS_UNITS, ORDER_RETURN, OrderReturnRow, ReturnOrigin, read_return_lines
from contracts.stores import stock_id
from inventory import availability_rows, settings
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
from inventory.orders.settling import Clock
from inventory.orders.terms import read_untracked
from inventory.portions import portions
from inventory.restocking.repository import send_later

_KNOWN = "SELECT inbound_id FROM inbound WHERE inbound_id IN ({})"
_STORES = "SELECT store_id FROM store WHERE store_id IN ({})"


def follow_returns(database: Database, clock: Clock) -> Handler:
    """Sends what came back to the stores that have it. Safe to repeat: what was sent is found by its id."""

    async def handle(batch: Batch) -> None:
        came = [each for row in batch.newest(ORDER_RETURN) for each in inbounds_of(row, clock())]
        for some in portions((each, 1) for each in came):
            await _send(database, some, clock())

    return handle


def inbounds_of(row: OrderReturnRow, moment: datetime) -> list[InboundRow]:
    """The sellable units of a return that a customer sent, by SKU; none before they came. Pure."""
    if row.is_deleted or row.origin != ReturnOrigin.DELIVERED or row.status not in HAS_UNITS or row.location is None:
        return []
    units: Counter[str] = Counter()
    for line in read_return_lines(row.lines):
        units[line.sku] += line.sellable or 0
    return [_inbound(row.return_id, row.location, sku, quantity, moment) for sku, quantity in units.items() if quantity]


def _inbound(return_id: UUID, store_id: str, sku: str, quantity: int, moment: datetime) -> InboundRow:
    return InboundRow(
        inbound_id=uuid5(return_id, sku),
        stock_id=stock_id(store_id, sku),
        store_id=store_id,
        sku=sku,
        quantity=quantity,
        reason=InboundReason.RETURN,
        sent_at=moment,
        version=1,
    )


async def _send(database: Database, inbounds: Sequence[InboundRow], moment: datetime) -> None:
    """Send those that go to a store and are of a SKU that is tracked."""
    async with database.reading() as connection:
        stores = await _stores_of(connection, {each.store_id for each in inbounds})
        untracked = await read_untracked(connection, {each.sku for each in inbounds})
    sent = [each for each in inbounds if each.store_id in stores and each.sku not in untracked]
    if sent:
        keys = {StockKey(each.store_id, each.sku) for each in sent}
        await availability_rows.make_missing(database, keys, settings.SAFETY_MARGIN, moment)
        await transact(database, partial(_write, inbounds=sent, moment=moment))


async def _write(tx: Connection, inbounds: Sequence[InboundRow], moment: datetime) -> None:
    levels = Levels(await availability_rows.lock(tx, {each.stock_id for each in inbounds}))
    known = await _known(tx, (each.inbound_id for each in inbounds))
    new = [each for each in inbounds if each.inbound_id not in known]
    for each in new:
        levels.send(StockKey(each.store_id, each.sku), each.quantity)
    send_later(tx, new)
    await availability_rows.write(tx, levels, levels.changed(moment))


async def _known(tx: Connection, inbound_ids: Iterable[UUID]) -> set[UUID]:
    ids = sorted(str(each) for each in inbound_ids)
    return {UUID(row["inbound_id"]) for row in await tx.fetch_all(_KNOWN.format(placeholders(ids)), ids)}


async def _stores_of(connection: Connection, store_ids: Collection[str]) -> set[str]:
    """Those of these locations that are stores."""
    rows = await connection.fetch_all(_STORES.format(placeholders(store_ids)), [*store_ids])
    return {row["store_id"] for row in rows}
