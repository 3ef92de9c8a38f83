"""Checks that each return's events have no gap and lead to its row, and that no more is refunded than was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from chassis.databases.mysql import Connection, Database, Row, placeholders
from chassis.databases.mysql_times import aware
from contracts.money import round_amount
from contracts.order_returns import OrderReturnRow, read_return_lines
from shipping.columns import read_row
from shipping.events import streams
from shipping.events.codec import BrokenStream, UnknownEvent
from shipping.events.faults import Fault, differences, has_gap
from shipping.replica.orders import read_order_lines
from shipping.returns.events import CODEC
from shipping.returns.folding import fold
from shipping.returns.repository import COLUMNS, stream_of
from shipping.returns.rows import row_of

AT_ONCE = 200
"""Returns of one transaction, in which rows and events are of the same moment."""

_PAGE = f"""
SELECT {", ".join(f"`{name}`" for name in COLUMNS)} FROM order_return WHERE return_id > %s ORDER BY return_id LIMIT %s
"""
_WITHOUT_ROW = """
SELECT stream_id FROM shipping_event AS event
WHERE stream_id >= 'return:' AND stream_id < 'return;' AND sequence = 1 AND NOT EXISTS (
    SELECT 1 FROM order_return WHERE return_id = SUBSTRING(event.stream_id, 8))
"""
_REFUNDS = """
SELECT order_id, return_id, `lines`, refund_freight FROM order_return
WHERE order_id IN ({}) AND refund_amount IS NOT NULL ORDER BY return_id
"""
_PAID = "SELECT order_id, currency, freight, `lines` FROM replica_order WHERE order_id IN ({}) AND currency IS NOT NULL"


async def verify(database: Database) -> AsyncIterator[Fault]:
    """All faults of all returns, in constant memory. Raises Unavailable."""
    last = ""
    while True:
        async with database.transaction() as tx:
            rows = await tx.fetch_all(_PAGE, [last, AT_ONCE])
            if not rows:
                break
            events = await streams.read(tx, [stream_of(row["return_id"]) for row in rows])
            overpaid = await _overpaid(tx, {row["order_id"] for row in rows if row["refund_amount"] is not None})
        last = rows[-1]["return_id"]
        for row in rows:
            for what in [*faults(row, events[stream_of(row["return_id"])]), *overpaid.get(row["return_id"], ())]:
                yield Fault(stream_of(row["return_id"]), what)
    async with database.reading() as connection:
        for row in await connection.fetch_all(_WITHOUT_ROW):
            yield Fault(row["stream_id"], "has events and no row")


def faults(row: Row, events: Sequence[Row]) -> list[str]:
    """What is wrong with a return, of its row and its events."""
    found = read_row(OrderReturnRow, row)
    if has_gap(events):
        return [f"has a gap in its {len(events)} events"]
    try:
        state = fold(found.return_id, CODEC.decode_rows(events))
    except (UnknownEvent, BrokenStream, msgspec.MsgspecError) as error:
        return [str(error)]
    if state is None:
        return ["has no events"]
    raised = max(0, found.version - state.version)
    return differences(found, row_of(state, aware(events[-1]["recorded_at"]), raised))


async def _overpaid(tx: Connection, order_ids: Iterable[str]) -> dict[str, list[str]]:
    """The last refund of each order that gets more than it costs, with the fault."""
    ids = sorted(order_ids)
    if not ids:
        return {}
    orders = {row["order_id"]: row for row in await tx.fetch_all(_PAID.format(placeholders(ids)), ids)}
    of_order: dict[str, list[Row]] = {}
    for row in await tx.fetch_all(_REFUNDS.format(placeholders(ids)), ids):
        of_order.setdefault(row["order_id"], []).append(row)
    found = {}
    for order_id, refunds in of_order.items():
        if order_id in orders and (what := _more_than_paid(orders[order_id], refunds)):
            found[refunds[-1]["return_id"]] = [what]
    return found


def _more_than_paid(order: Row, refunds: Sequence[Row]) -> str | None:
    most = {each.order_line_id: each.amount for each in read_order_lines(order["lines"]) if each.amount is not None}
    refunded: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for row in refunds:
        for line in read_return_lines(row["lines"]):
            refunded[line.order_line_id] += line.amount or Decimal(0)
    lines = [each for each in refunded if each in most and refunded[each] > round_amount(most[each], order["currency"])]
    freight = sum((row["refund_freight"] for row in refunds), Decimal(0))
    if lines or freight > order["freight"]:
        return "refunds more than was paid, with the other returns of its order"
    return None
