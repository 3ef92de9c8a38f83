"""Merges the rows of one order: pure functions, with the same result in whatever order the rows arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from contracts.orders import OrderDetailRow, OrderRow


class Order(NamedTuple):
    """One version of an order: its row and all known lines of its `lines_version`, sorted by number.

    Lines that were deleted by hand are among them, marked. A deleted order has none.
    """

    row: OrderRow
    lines: Sequence[OrderDetailRow]


class Rows:
    """Rows of one order as they came: in any order, some of them several times, of several versions."""

    __slots__ = ("lines", "order_id", "orders")

    def __init__(self, order_id: UUID, orders: Iterable[OrderRow] = (), lines: Iterable[OrderDetailRow] = ()) -> None:
        self.order_id, self.orders, self.lines = order_id, list(orders), list(lines)


class Merged(NamedTuple):
    """What is known of an order.

    `superseded` are whole versions below the shown one that may not be published yet, in order. `waiting` are the rows
    that must be kept beside the shown version: those above it, and those of superseded versions.
    """

    shown: Order | None
    is_changed: bool
    superseded: Sequence[Order]
    waiting: Rows


def by_order(orders: Iterable[OrderRow], lines: Iterable[OrderDetailRow]) -> list[Rows]:
    """The rows of each order, sorted by its id, so that two writers lock orders in the same sequence."""
    found: dict[int, Rows] = {}  # by number: the hash of a UUID costs ten times as much

    def of(order_id: UUID) -> Rows:
        return found.get(order_id.int) or found.setdefault(order_id.int, Rows(order_id))

    for order in orders:
        of(order.order_id).orders.append(order)
    for line in lines:
        of(line.order_id).lines.append(line)
    return [found[number] for number in sorted(found)]


def is_whole(row: OrderRow, lines: Iterable[OrderDetailRow]) -> bool:
    """Whether these are all lines of the order's version; `lines` are of its `lines_version`.

    Lines are counted by their number. A line that was deleted by hand counts as arrived. A line that MySQL never had,
    and that `oms reconcile --repair` deleted, has the number of another line or one beyond the last.
    """
    arrived = {line.line_number for line in lines if not line.is_deleted or line.line_number <= row.line_count}
    return row.is_deleted or row.line_count <= len(arrived)


def merge(shown: Order | None, kept: Rows, arrived: Rows, *, publishes: bool = True) -> Merged:
    """Show the newest whole version. `kept` are the rows that waited before.

    Superseded versions are not kept if nobody `publishes` them.
    """
    below = shown.row.newest_version if shown else -1
    rows = {row.newest_version: row for row in arrived.orders if row.newest_version > below}
    # A version that was kept and is below the shown one was whole, and is kept until it is published.
    rows |= {row.newest_version: row for row in kept.orders if row.newest_version != below}
    lines = _lines_by_version([*(shown.lines if shown else ()), *kept.lines, *arrived.lines])
    whole = [
        Order(row, () if row.is_deleted else lines.get(row.lines_version, ()))
        for _, row in sorted(rows.items())
        if is_whole(row, lines.get(row.lines_version, ()))
    ]
    newest: Order | None = shown
    if whole and whole[-1].row.newest_version > below:
        newest = whole.pop()
    elif shown and not shown.row.is_deleted:
        newest = Order(shown.row, lines.get(shown.row.lines_version, ()))
    superseded = whole if publishes else []
    waiting = Rows(kept.order_id, [each.row for each in superseded])
    waiting.orders += [row for version, row in rows.items() if newest is None or version > newest.row.newest_version]
    needed = {each.row.lines_version for each in superseded}
    # Lines of a deleted order, too: it may be restored by hand, and its lines may arrive before its row.
    above = newest.row.lines_version if newest and not newest.row.is_deleted else -1
    came = {line.order_detail_id for line in [*kept.lines, *arrived.lines]}
    waiting.lines = [
        line
        for version, some in lines.items()
        for line in some
        if version != above and (version in needed or (version > above and line.order_detail_id in came))
    ]
    return Merged(newest, newest != shown, superseded, waiting)


def _lines_by_version(lines: Iterable[OrderDetailRow]) -> dict[int, Sequence[OrderDetailRow]]:
    """The newest row of each line, by `lines_version`, sorted by number."""
    newest: dict[UUID, OrderDetailRow] = {}
    for line in lines:
        known = newest.setdefault(line.order_detail_id, line)
        if known.newest_version < line.newest_version:
            newest[line.order_detail_id] = line
    found: dict[int, list[OrderDetailRow]] = {}
    for line in sorted(newest.values(), key=attrgetter("line_number", "order_detail_id")):
        found.setdefault(line.lines_version, []).append(line)
    return {version: tuple(lines) for version, lines in found.items()}
