"""Writes the rows of a chunk: almost all orders by one statement, the others after a look at what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderDetailRow, OrderRow
from orders_stream import incomplete, sales_orders
from orders_stream.merging import Merged, Order, Rows, merge


async def write(tx: PoolConnection, chunk: Sequence[Rows], *, publishes: bool) -> list[Merged]:
    """Write the rows of these orders. Returns what is known of each.

    Without `publishes`, versions that are superseded are not kept for their publication.
    """
    kept = await incomplete.read(tx, [rows.order_id for rows in chunk])
    whole: list[Order] = []
    alone: list[OrderRow] = []
    for rows in chunk:
        if rows.order_id in kept or not rows.orders or (publishes and len(rows.orders) > 1):
            continue
        newest = max(rows.orders, key=_version) if len(rows.orders) > 1 else rows.orders[0]
        if _has_all_lines(newest, rows):
            whole.append(Order(newest, rows.lines))
        elif not rows.lines:
            alone.append(newest)
    written = await sales_orders.update_rows(tx, alone)
    inserted = await sales_orders.insert(tx, whole)
    written |= {order.row.order_id: order for order in whole if order.row.order_id in inserted}
    merged = [Merged(order, True, (), Rows(order.row.order_id)) for order in written.values()]
    rest = [rows for rows in chunk if rows.order_id not in written]
    return [*merged, *await _merge(tx, rest, kept, publishes=publishes)] if rest else merged


def _has_all_lines(row: OrderRow, rows: Rows) -> bool:
    """Whether the lines are exactly those of the row, as they almost always are; sorts them."""
    lines = rows.lines
    if row.is_deleted or len(lines) != row.line_count:
        return False
    lines.sort(key=_number)
    last = None
    for line in lines:
        if line.lines_version != row.lines_version or line.is_deleted or line.line_number == last:
            return False
        last = line.line_number
    return True


async def _merge(
    tx: PoolConnection, chunk: Sequence[Rows], kept: Mapping[UUID, Rows], *, publishes: bool
) -> list[Merged]:
    """Merge rows with those that are stored, which are locked until the end of the transaction."""
    none = {rows.order_id: Rows(rows.order_id) for rows in chunk}
    done: list[Merged] = []
    left = chunk
    while left:
        shown = await sales_orders.read(tx, [rows.order_id for rows in left], lock=True)
        merged = [
            merge(shown.get(rows.order_id), kept.get(rows.order_id, none[rows.order_id]), rows, publishes=publishes)
            for rows in left
        ]
        changed = [each.shown for each in merged if each.shown and each.is_changed]
        await sales_orders.replace(tx, [order for order in changed if order.row.order_id in shown])
        missing = [order for order in changed if order.row.order_id not in shown]
        # Another transaction may have inserted one meanwhile: it is committed by now, and found the next time.
        lost = {order.row.order_id for order in missing} - await sales_orders.insert(tx, missing)
        done += [each for each in merged if each.waiting.order_id not in lost]
        left = [rows for rows in left if rows.order_id in lost]
    changes = [(kept.get(each.waiting.order_id, none[each.waiting.order_id]), each.waiting) for each in done]
    await incomplete.change(tx, changes)
    return done


def _version(row: OrderRow) -> int:
    return row.newest_version


def _number(line: OrderDetailRow) -> int:
    return line.line_number
