"""The SQL of decisions: which rows they concern, the facts about orders, and what is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.inventory.reservations import ReservationRow, ReservationState
from contracts.inventory.sourcing import SourcingRow
from inventory.decisions.places import NOWHERE
from inventory.decisions.rules import Line
from inventory.orders import shipments
from inventory.orders.facts import Order
from inventory.orders.replica import read_destinations
from inventory.stored_rows import column_names, read_row, select, write_rows_later

_SOURCING = column_names(SourcingRow, "order_id")

# The stock of an order: its lines', in whatever version, that of its reservations, and that of the hold it takes over.
SCOPE = """
SELECT l.sku, a.stock_id FROM replica_order_line AS l LEFT JOIN availability AS a USING (sku) WHERE l.order_id IN ({0})
UNION SELECT a.sku, a.stock_id FROM reservation AS r JOIN availability AS a USING (sku) WHERE r.order_id IN ({0})
UNION SELECT a.sku, a.stock_id FROM replica_order AS o
    JOIN reservation AS r ON r.hold_id = o.reservation_id JOIN availability AS a USING (sku) WHERE o.order_id IN ({0})
"""

SCOPE_OF_SKUS = "UNION SELECT sku, stock_id FROM availability WHERE sku IN ({})"

SCOPE_OF_HOLDS = "UNION SELECT sku, stock_id FROM reservation WHERE hold_id IN ({})"

# Columns of the sourcing begin with `sourcing_`. A new order has none, so it is hardly ever sent with each line.
ORDERS = f"""
SELECT o.order_id, o.status, o.lines_version, o.line_count, o.reservation_id, o.destinations, o.placed_at,
    o.deleted, l.order_detail_id, l.line_number, l.sku, l.quantity, l.delivery_address_id, l.deleted AS line_deleted,
    {", ".join(f"s.`{name}` AS sourcing_{name}" for name in _SOURCING)}
FROM replica_order AS o
LEFT JOIN replica_order_line AS l ON l.order_id = o.order_id AND l.lines_version = o.lines_version
LEFT JOIN sourcing AS s ON s.order_id = o.order_id
WHERE o.order_id IN ({{}}) ORDER BY o.order_id, l.line_number, l.order_detail_id
"""

RESERVATIONS = f"SELECT {select(ReservationRow, 'reservation_id')} FROM reservation WHERE order_id IN ({{}})"

HELD = f"""
SELECT {select(ReservationRow, "reservation_id")} FROM reservation
WHERE hold_id IN ({{}}) AND order_id IS NULL AND state = '{ReservationState.HELD}'
"""

KNOWN_HOLDS = "SELECT hold_id FROM hold WHERE hold_id IN ({})"

LOCK_HOLDS = f"{KNOWN_HOLDS} ORDER BY hold_id FOR UPDATE"

END_HOLD = "UPDATE hold SET status = %s, order_id = %s, updated_at = %s, version = version + 1 WHERE hold_id = %s"


async def scope(
    connection: Connection, order_ids: Collection[str], skus: Collection[str] = (), holds: Collection[str] = ()
) -> tuple[set[str], set[str]]:
    """The ids of the availability rows that a decision about these orders concerns, with those of SKUs and holds; and
    the SKUs that have none.
    """
    sql, values = SCOPE.format(placeholders(order_ids) or "NULL"), [*order_ids] * 3
    if skus:
        sql, values = sql + SCOPE_OF_SKUS.format(placeholders(skus)), [*values, *skus]
    if holds:
        sql, values = sql + SCOPE_OF_HOLDS.format(placeholders(holds)), [*values, *holds]
    rows = await connection.fetch_all(sql, values)
    stocked = {row["sku"] for row in rows if row["stock_id"]}
    nowhere = {*skus} - stocked | {row["sku"] for row in rows if not row["stock_id"]}
    return {row["stock_id"] for row in rows if row["stock_id"]}, nowhere


async def known_holds(connection: Connection, hold_ids: Collection[str]) -> set[str]:
    """Those of these holds that exist. To lock the others would lock gaps, and new holds would wait."""
    rows = await connection.fetch_all(KNOWN_HOLDS.format(placeholders(hold_ids)), [*hold_ids])
    return {row["hold_id"] for row in rows}


def lock_holds_later(tx: Connection, hold_ids: Collection[str]) -> None:
    """Lock holds, before the next statement locks availability: whoever releases one locks in this order, too."""
    tx.later(LOCK_HOLDS.format(placeholders(hold_ids)), sorted(hold_ids))


async def orders(tx: Connection, order_ids: Sequence[str]) -> list[Order]:
    """The facts about those of these orders that have arrived, in this sequence."""
    listed = placeholders(order_ids)
    rows = await tx.fetch_all(ORDERS.format(listed), order_ids)
    of_order: dict[str, list[Row]] = {}
    for row in rows:
        of_order.setdefault(row["order_id"], []).append(row)
    reservations = await _by(tx, RESERVATIONS.format(listed), order_ids, "order_id")
    holds = {row["reservation_id"] for row in rows if row["reservation_id"]}
    shipped = await shipments.of_orders(tx, order_ids)
    returned = await shipments.known_inbounds(tx, (each for some in shipped.values() for each in some))
    held = await _by(tx, HELD.format(placeholders(holds)), [*holds], "hold_id") if holds else {}
    return [
        replace(
            _order(of_order[order_id]),
            reservations=reservations.get(order_id, ()),
            held=held.get(of_order[order_id][0]["reservation_id"], ()),
            shipments=shipped.get(order_id, ()),
            returned=returned,
        )
        for order_id in order_ids
        if order_id in of_order
    ]


async def reservations_by_id(tx: Connection, ids: Collection[str]) -> list[ReservationRow]:
    """The reservations with these ids."""
    sql = f"SELECT {select(ReservationRow, 'reservation_id')} FROM reservation WHERE reservation_id IN ({{}})"
    return [read_row(ReservationRow, row) for row in await tx.fetch_all(sql.format(placeholders(ids)), [*ids])]


def write_later(tx: Connection, reservations: Sequence[ReservationRow], sourcings: Sequence[SourcingRow]) -> None:
    """Write what was decided, in the same round trip as the commit."""
    write_rows_later(tx, "reservation", "reservation_id", reservations)
    write_rows_later(tx, "sourcing", "order_id", sourcings)


def end_hold_later(tx: Connection, hold_id: UUID, status: str, order_id: UUID, moment: datetime) -> None:
    """Mark a hold as ended by an order."""
    tx.later(END_HOLD, (status, str(order_id), moment, str(hold_id)))


async def _by(tx: Connection, sql: str, values: Sequence[str], column: str) -> dict[str, list[ReservationRow]]:
    found: dict[str, list[ReservationRow]] = {}
    for row in await tx.fetch_all(sql, values):
        found.setdefault(row[column], []).append(read_row(ReservationRow, row))
    return found


def _order(rows: Sequence[Row]) -> Order:
    """The order of these rows, one for each of its lines."""
    first = rows[0]
    lines = [row for row in rows if row["order_detail_id"]]
    places = {str(each.address_id): each.place for each in read_destinations(first["destinations"])}
    return Order(
        order_id=UUID(first["order_id"]),
        status=first["status"],
        is_deleted=bool(first["deleted"]),
        lines_version=first["lines_version"],
        placed_at=first["placed_at"].replace(tzinfo=UTC),
        is_whole=first["line_count"] <= _arrived(lines, first["line_count"]),
        lines=[
            Line(
                UUID(row["order_detail_id"]),
                row["sku"],
                row["quantity"],
                places.get(row["delivery_address_id"], NOWHERE),
                row["delivery_address_id"],
            )
            for row in lines
            if not row["line_deleted"]
        ],
        hold_id=UUID(first["reservation_id"]) if first["reservation_id"] else None,
        sourcing=_sourcing(first),
    )


def _sourcing(row: Row) -> SourcingRow | None:
    if row["sourcing_order_id"] is None:
        return None
    return read_row(SourcingRow, {name: row[f"sourcing_{name}"] for name in _SOURCING})


def _arrived(lines: Iterable[Row], line_count: int) -> int:
    """How many lines have arrived. A line that was deleted by hand counts, a line beyond the last does not."""
    return len({row["line_number"] for row in lines if not row["line_deleted"] or row["line_number"] <= line_count})
