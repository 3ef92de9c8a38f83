"""The SQL of stock policies."""

from __future__ import annotations

from chassis.databases.mysql import Connection
from inventory.stock_policies.models import StockPolicy, StockPolicyInput

_SELECT = """
SELECT tracked, safety_margin, backorders, backorder_limit, lead_time_days, created_at, updated_at, version
FROM stock_policy WHERE policy_id = %s
"""
_INSERT = """
INSERT INTO stock_policy (
    tracked, safety_margin, backorders, backorder_limit, lead_time_days, policy_id, created_at, updated_at, version
)
VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)
"""
_UPDATE = """
UPDATE stock_policy
SET tracked = %s, safety_margin = %s, backorders = %s, backorder_limit = %s, lead_time_days = %s,
    updated_at = UTC_TIMESTAMP(3), version = version + 1
WHERE policy_id = %s
"""


async def find_policy(connection: Connection, store_id: str, sku: str, *, lock: bool = False) -> StockPolicy | None:
    """A policy, or None; locked until the transaction ends if `lock`."""
    row = await connection.fetch_one(f"{_SELECT}{' FOR UPDATE' if lock else ''}", [_id(store_id, sku)])
    return StockPolicy.model_validate({**row, "store_id": store_id, "sku": sku}) if row else None


async def write_policy(tx: Connection, store_id: str, sku: str, new: StockPolicyInput, *, is_new: bool) -> StockPolicy:
    """Create or change a policy that was looked for with `lock`."""
    values = [new.tracked, new.safety_margin, new.backorders.value, new.backorder_limit, new.lead_time_days]
    await tx.execute(_INSERT if is_new else _UPDATE, [*values, _id(store_id, sku)])
    policy = await find_policy(tx, store_id, sku)
    assert policy is not None, "written in this transaction"
    return policy


def _id(store_id: str, sku: str) -> str:
    return f"{store_id}/{sku}"
