"""The SQL that lists the queue of a SKU."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chassis.databases.mysql import Connection, Row
from inventory.backorders.models import Backorder
from inventory.decisions.policies import ANY, policy_ids
from inventory.restocking.rules import OPEN

_SELECT = """
SELECT sku, order_id, order_detail_id AS order_line_id, quantity, placed_at, since, unpromised
FROM backorder WHERE sku = %s AND {} ORDER BY unpromised, placed_at, order_id, order_detail_id LIMIT %s
"""
_BEYOND = """
(unpromised > %s OR (unpromised = %s AND (placed_at > %s
    OR (placed_at = %s AND (order_id > %s OR (order_id = %s AND order_detail_id > %s))))))
"""
_LEAD_TIME = """
SELECT lead_time_days FROM stock_policy WHERE policy_id IN (%s, %s) ORDER BY policy_id = %s DESC LIMIT 1
"""
_NEWEST_REQUEST = f"""
SELECT MAX(requested_at) AS requested_at FROM restock_request
WHERE sku = %s AND status IN ({", ".join(f"'{status}'" for status in OPEN)})
"""


async def find_page(connection: Connection, sku: str, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """The units that orders wait for, in their sequence, with the lead time and newest request of the SKU."""
    condition, values = "TRUE", [sku]
    if after is not None:
        unpromised, placed_at, order_id, line_id = after
        condition, values = _BEYOND, [sku, unpromised, unpromised, placed_at, placed_at, order_id, order_id, line_id]
    rows = await connection.fetch_all(_SELECT.format(condition), [*values, limit])
    of_sku, *_, of_all = policy_ids(ANY, sku)
    policy = await connection.fetch_one(_LEAD_TIME, [of_sku, of_all, of_sku])
    days = policy["lead_time_days"] if policy else None
    newest = await connection.fetch_one(_NEWEST_REQUEST, [sku])
    requested_at = newest["requested_at"] if newest else None
    return [{**row, "lead_time_days": days, "requested_at": requested_at} for row in rows]


def key_of(row: Row) -> list[Any]:
    """The sort key of a row as JSON values."""
    return [row["unpromised"], row["placed_at"].isoformat(" ", "milliseconds"), row["order_id"], row["order_line_id"]]


def shown(row: Row) -> Backorder:
    """The REST representation of a row."""
    days = row["lead_time_days"]
    ordered_at = row["requested_at"] or row["since"]
    return Backorder.model_validate({**row, "expected_at": None if days is None else ordered_at + timedelta(days=days)})
