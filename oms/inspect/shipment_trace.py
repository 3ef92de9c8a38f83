"""The shipments and returns of one order: their rows in MySQL and in the read model, and the events behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rich import box
from rich.table import Table

from chassis import settings
from chassis.databases import mysql, postgres
from chassis.databases.mysql_times import aware
from contracts.money import format_amount
from contracts.order_returns import read_return_lines
from contracts.shipping import read_parcels, read_shipped_lines
from oms.terminal import NOTHING, at, bad, good, reason

Row = dict[str, Any]

_SHIPMENTS = """
SELECT shipment_id, status, location, `lines`, parcels, reason, version FROM shipping.shipment
WHERE order_id = %s ORDER BY planned_at, shipment_id
"""
_EVENTS = """
SELECT e.stream_id, e.sequence, e.type, e.happened_at, e.recorded_at, e.caller
FROM (
    SELECT CONCAT('shipment:', shipment_id) AS stream_id FROM shipping.shipment WHERE order_id = %s
    UNION ALL SELECT CONCAT('return:', return_id) FROM shipping.order_return WHERE order_id = %s
) AS s JOIN shipping.shipping_event AS e ON e.stream_id = s.stream_id
ORDER BY e.recorded_at, e.stream_id, e.sequence
"""
_RETURNS = """
SELECT return_id, status, origin, location, `lines`, reason, refund_amount, currency, version FROM shipping.order_return
WHERE order_id = %s ORDER BY requested_at, return_id
"""
_SHOWN = """
SELECT shipment_id AS id, version FROM shipment WHERE order_id = $1 AND NOT deleted
UNION ALL SELECT return_id, version FROM order_return WHERE order_id = $1 AND NOT deleted
"""


@dataclass(frozen=True)
class ShipmentTrace:
    """The shipments and returns of an order, their events, and the version of each that the read model shows.

    `why_unknown` says why the read model did not answer.
    """

    shipments: Sequence[Row] = ()
    events: Sequence[Row] = ()
    shown: Mapping[UUID, int] = field(default_factory=dict)
    why_unknown: str = ""
    returns: Sequence[Row] = ()


async def look_up_shipments(order_id: UUID) -> ShipmentTrace:
    """Query MySQL, then the read model. Raises Unavailable, SettingMissing and pymysql's errors."""
    database = mysql.Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            shipments = await connection.fetch_all(_SHIPMENTS, [str(order_id)])
            events = await connection.fetch_all(_EVENTS, [str(order_id)] * 2)
            returns = await connection.fetch_all(_RETURNS, [str(order_id)])
    finally:
        await database.close()
    try:
        return ShipmentTrace(shipments, events, await _shown(order_id), returns=returns)
    except Exception as error:  # what MySQL has is shown all the same
        return ShipmentTrace(shipments, events, why_unknown=reason(error), returns=returns)


async def _shown(order_id: UUID) -> dict[UUID, int]:
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        rows = await database.fetch(_SHOWN, (order_id,))
    finally:
        await database.close()
    return {row["id"]: row["version"] for row in rows}


def table_of_shipments(found: ShipmentTrace) -> Table:
    """A table of the shipments, and which version of each is where."""
    table = _table("shipment", "status", "location", "units", "parcels", "MySQL", "read model")
    for row in found.shipments:
        why = row["reason"]
        table.add_row(
            row["shipment_id"],
            f"{row['status']}{f': {why}' if why else ''}",
            row["location"],
            _units(row["lines"]),
            str(len(read_parcels(row["parcels"]))),
            f"version {row['version']}",
            _version_shown(found, row, "shipment_id"),
        )
    return table


def table_of_returns(found: ShipmentTrace) -> Table:
    """A table of the returns with their refunds, and which version of each is where."""
    table = _table("return", "status", "origin", "location", "units", "refund", "MySQL", "read model")
    for row in found.returns:
        why, refund = row["reason"], row["refund_amount"]
        table.add_row(
            row["return_id"],
            f"{row['status']}{f': {why}' if why else ''}",
            row["origin"],
            row["location"] or NOTHING,
            ", ".join(f"{each.quantity} {each.sku}" for each in read_return_lines(row["lines"])),
            NOTHING if refund is None else f"{format_amount(refund, row['currency'])} {row['currency']}",
            f"version {row['version']}",
            _version_shown(found, row, "return_id"),
        )
    return table


def table_of_events(found: ShipmentTrace) -> Table:
    """A table of the events of all shipments and returns, in the order in which they were stored."""
    table = _table("shipment or return", "event", "type", "happened (UTC)", "stored (UTC)", "caller")
    for row in found.events:
        table.add_row(
            row["stream_id"].removeprefix("shipment:"),
            str(row["sequence"]),
            row["type"],
            at(aware(row["happened_at"])),
            at(aware(row["recorded_at"])),
            row["caller"] or NOTHING,
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("parcels", "event") else "left", overflow="fold")
    return table


def _units(lines: str) -> str:
    return ", ".join(f"{each.quantity} {each.sku}" for each in read_shipped_lines(lines))


def _version_shown(found: ShipmentTrace, row: Row, key: str) -> str:
    if found.why_unknown:
        return "[dim]?[/dim]"
    version = found.shown.get(UUID(row[key]))
    if version is None:
        return bad("missing")
    return (good if version == row["version"] else bad)(f"version {version}")
