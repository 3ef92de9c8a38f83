"""Writes the rows of a chunk: almost all orders by one statement, the others after a look at what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from uuid import UUID

from chassis.databases.postgres import PoolConnection
from contracts.orders import OrderDetailRow, OrderRow
from orders_stream import incomplete, sales_orders
from orders_stream.merging import Merged, Order, Rows, merge

_version, _number = attrgetter("newest_version"), attrgetter("line_number")


async def write(tx: PoolConnection, chunk: Sequence[Rows], *, publishes: bool) -> list[Merged]:
    """Write the rows of these orders. Returns what is known of each.

    Without `publishes`, versions that are superseded are not kept for their publication.
    """
    kept = await incomplete.read(tx, [rows.order_id for rows in chunk])
    whole: list[Order] = []
    alone: list[OrderRow] = []
    rest: list[Rows] = []
    for rows in chunk:
        if not rows.orders or (publishes and len(rows.orders) > 1) or (kept and rows.order_id in kept):
            rest.append(rows)
            continue
        newest = max(rows.orders, key=_version) if len(rows.orders) > 1 else rows.orders[0]
        if _has_all_lines(newest, rows.lines):
            whole.append(Order(newest, rows.lines))
        elif rows.lines:
            rest.append(rows)
        else:
            alone.append(newest)
    orders = [*await sales_orders.update_rows(tx, alone), *await sales_orders.insert(tx, whole)]
    merged = [Merged(order, True, (), Rows(order.row.order_id)) for order in orders]
    if len(orders) < len(whole) + len(alone):
        done = {order.row.order_id for order in orders}
        rest = [rows for rows in chunk if rows.order_id not in done]
    return [*merged, *await _merge(tx, rest, kept, publishes=publishes)] if rest else merged


def _has_all_lines(row: OrderRow, lines: list[OrderDetailRow]) -> bool:
    """Whether the lines are exactly those of the row, as they almost always are; sorts them."""
    if row.is_deleted or len(lines) != row.line_count:
        return False
    lines.sort(key=_number)
    of_row = {line.line_number for line in lines if line.lines_version == row.lines_version and not line.is_deleted}
    return len(of_row) == row.line_count


async def _merge(
    tx: PoolConnection, chunk: Sequence[Rows], kept: Mapping[UUID, Rows], *, publishes: bool
) -> list[Merged]:
    """Merge rows with those that are stored, which are locked until the end of the transaction."""
    done: list[Merged] = []
    left = chunk
    while left:
        shown = await sales_orders.read(tx, [rows.order_id for rows in left], lock=True)
        merged = [
            merge(shown.get(rows.order_id), kept.get(rows.order_id) or Rows(rows.order_id), rows, publishes=publishes)
            for rows in left
        ]
        changed = [each.shown for each in merged if each.shown and each.is_changed]
        await sales_orders.replace(tx, [order for order in changed if order.row.order_id in shown])
        missing = [order for order in changed if order.row.order_id not in shown]
        # Another transaction may have inserted one meanwhile: it is committed by now, and found the next time.
        inserted = {order.row.order_id for order in await sales_orders.insert(tx, missing)}
        lost = {order.row.order_id for order in missing} - inserted
        done += [each for each in merged if each.waiting.order_id not in lost]
        left = [rows for rows in left if rows.order_id in lost]
    await incomplete.change(tx, [(kept.get(key := each.waiting.order_id) or Rows(key), each.waiting) for each in done])
    return done
