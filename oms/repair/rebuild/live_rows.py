"""The live rows, with the columns of a schema beside: the live read model may have the layout of an earlier release.

Earlier releases kept an order in `shown_order` and its lines in `order_line`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from chassis.databases.postgres import PoolConnection
from contracts.orders import ORDER
from contracts.products import PRODUCTS
from oms.repair.rebuild.schemas import FORMER_ORDERS, LIVE, ORDERS, Table

_FORMER_NAMES = {now: before for topic in (ORDER, PRODUCTS) for before, now in topic.message.FORMER_NAMES.items()}

_FORMER_LINES = """
CASE WHEN live.deleted THEN '{{}}' ELSE coalesce((
    SELECT array_agg(ROW(
        line.order_line_id, line.line_number, line.sku, line.product_name, line.quantity, line.unit_price,
        line.discount, line.amount, line.delivery_address_id, line.version, line.deleted
    )::{schema}.sales_order_line ORDER BY line.line_number, line.order_line_id)
    FROM {live}.order_line AS line
    WHERE line.order_id = live.order_id AND line.lines_version = live.lines_version
), '{{}}') END
"""

_DERIVED = {"skus": "'{}'::text[]", "countries": "'{}'::text[]"}
"""Columns that no release before has. They are empty in a deleted order, and not compared in others."""


class LiveRows(NamedTuple):
    """SQL that selects the live rows of a table, and the columns that can be compared."""

    sql: str
    compared: tuple[str, ...]


async def live_rows(connection: PoolConnection, schema: str, table: Table) -> LiveRows | None:
    """The live rows with the columns of `table`, which is in `schema`. None if the live one has no such table."""
    if there := await _columns(connection, table.name):
        expressions = _expressions(schema, table, there)
        return _live_rows(table, table.name, expressions)
    if table.name == ORDERS and (there := await _columns(connection, FORMER_ORDERS)):
        expressions = _expressions(schema, table, there)
        expressions["lines"] = _FORMER_LINES.format(schema=schema, live=LIVE)
        expressions["source"] = f"coalesce({expressions.get('source', 'NULL')}, '')"
        return _live_rows(table, FORMER_ORDERS, expressions)
    return None


def _live_rows(table: Table, source: str, expressions: Mapping[str, str]) -> LiveRows:
    values = {
        name: expressions.get(name) or _DERIVED.get(name) or f"NULL::{kind}" for name, kind in table.columns.items()
    }
    selected = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return LiveRows(f"SELECT {selected} FROM {LIVE}.{source} AS live", tuple(expressions))


def _expressions(schema: str, table: Table, there: Collection[str]) -> dict[str, str]:
    """The live columns by their names today. A type of the schema's own is another type in the live one."""
    found: dict[str, str] = {}
    for name, kind in table.columns.items():
        if column := next((each for each in (name, _FORMER_NAMES.get(name)) if each in there), None):
            cast = f"::text::{kind}" if kind.startswith(f"{schema}.") else ""
            found[name] = f"live.{column}{cast}"
    return found


async def _columns(connection: PoolConnection, table: str) -> set[str]:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2", LIVE, table
    )
    return {row["column_name"] for row in rows}
