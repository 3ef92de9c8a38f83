"""Corrects the stores that have units of a SKU, when a store or a policy has changed and when the worker starts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chassis.databases.mysql import Connection, Database, placeholders, transact
from contracts.inventory.availability import FREE_TO_PROMISE, stores_in
from contracts.stores import stock_id
from inventory import availability_rows
from inventory.decisions.rules import StockKey
from inventory.levels import Crossing
from inventory.portions import MOST_AT_ONCE
from inventory.sku_availability.following import follow

# Not in the order of all SKUs, which would cost a sort; each statement sees all rows at one moment.
_DIFFERING = f"""
SELECT DISTINCT a.sku FROM availability AS a
LEFT JOIN store ON store.store_id = a.store_id
LEFT JOIN sku_availability AS s ON s.sku = a.sku
WHERE ({FREE_TO_PROMISE} > 0 AND COALESCE(store.sells_online, TRUE))
    <> (COALESCE(LOCATE(CONCAT('"', a.store_id, '"'), s.available_at), 0) > 0)
"""

_KEYS = "SELECT store_id, sku FROM availability WHERE sku IN ({})"

_NAMED = "SELECT sku, available_at FROM sku_availability WHERE sku IN ({})"


async def refresh(database: Database, *, sku: str | None = None, store_id: str | None = None) -> int:
    """Correct the rows of this SKU, of those in this store, or of all. Returns how many differed. Raises Unavailable.

    Each transaction that changes availability meanwhile is waited for, or sees what has changed itself.
    """
    wanted = {column: value for column, value in (("sku", sku), ("store_id", store_id)) if value is not None}
    sql = _DIFFERING + "".join(f" AND a.{column} = %s" for column in wanted)
    async with database.migrating() as connection:
        skus = sorted(row["sku"] for row in await connection.fetch_all(sql, [*wanted.values()]))
    for first in range(0, len(skus), MOST_AT_ONCE):
        await transact(database, partial(_refresh, skus=skus[first : first + MOST_AT_ONCE]))
    return len(skus)


async def _refresh(tx: Connection, *, skus: Sequence[str]) -> None:
    keys = {StockKey(**row) for row in await tx.fetch_all(_KEYS.format(placeholders(skus)), skus)}
    for row in await tx.fetch_all(_NAMED.format(placeholders(skus)), skus):
        keys |= {StockKey(store_id, row["sku"]) for store_id in stores_in(row["available_at"])}
    rows = await availability_rows.lock(tx, {stock_id(*key) for key in keys})
    has_units = {StockKey(row.store_id, row.sku): row.available_to_promise > 0 for row in rows}
    await follow(tx, [Crossing(*key, has_units.get(key, False)) for key in sorted(keys)])
