"""Names the stores that have units of a SKU to sell online, after a repair has changed the units of one of them."""

from __future__ import annotations

from chassis.databases.mysql import Connection
from contracts.inventory.availability import FREE_TO_PROMISE, with_stores

_SELLS = f"""
SELECT sku, store_id, {FREE_TO_PROMISE} > 0 AND COALESCE(
    (SELECT sells_online FROM inventory.store WHERE store.store_id = availability.store_id), TRUE
) AS has_units
FROM inventory.availability WHERE stock_id = %s
"""
_LOCK = "SELECT available_at FROM inventory.sku_availability WHERE sku = %s FOR UPDATE"
_SET = "UPDATE inventory.sku_availability SET available_at = %s, version = version + 1 WHERE sku = %s"


async def name_store(tx: Connection, stock_id: str) -> None:
    """Write whether the store has units. Its row of availability is locked; nothing else may be locked afterwards."""
    stock = await tx.fetch_one(_SELLS, [stock_id])
    row = await tx.fetch_one(_LOCK, [stock["sku"]]) if stock else None
    if stock is None or row is None:
        return
    after = with_stores(row["available_at"], {stock["store_id"]: bool(stock["has_units"])})
    if after != row["available_at"]:
        await tx.execute(_SET, [after, stock["sku"]])
