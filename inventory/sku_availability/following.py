"""Writes the stores that have units of a SKU, in the transaction that gives a store its first units or takes its last.

The row of availability is locked by then, so what a transaction says of a store is true until it commits. It changes
only what the row of the SKU says of that store, under the lock of this row: of two transactions about two stores, the
second adds to what the first has written. The lock is taken after all others, and only if a store got its first units
or lost its last: that is rare.
"""

from __future__ import annotations

from collections.abc import Collection

from chassis.databases.mysql import Connection, placeholders
from contracts.inventory.availability import NO_STORES, SkuAvailabilityRow, with_stores
from inventory.levels import Crossing
from inventory.stored_rows import read_row, select, write_rows_later

TABLE, KEY = "sku_availability", "sku"

_LOCK = f"SELECT {select(SkuAvailabilityRow, KEY)} FROM {TABLE} WHERE sku IN ({{}}) ORDER BY sku FOR UPDATE"

# Shared with a change of the store, which then looks at all rows of its availability.
_OFFLINE = "SELECT store_id FROM store WHERE store_id IN ({}) AND NOT sells_online ORDER BY store_id LOCK IN SHARE MODE"

_INSERT = (
    f"INSERT INTO {TABLE} (sku, available_at, version) VALUES {{}} ON DUPLICATE KEY UPDATE version = {TABLE}.version"
)


async def follow(tx: Connection, crossings: Collection[Crossing]) -> None:
    """Write what these stores have; their rows of availability are locked. Nothing else may be locked afterwards."""
    if not crossings:
        return
    offline = await _offline(tx, {each.store_id for each in crossings if each.has_units})
    changes: dict[str, dict[str, bool]] = {}
    for each in crossings:
        changes.setdefault(each.sku, {})[each.store_id] = each.has_units and each.store_id not in offline
    stored = await _lock(tx, sorted(changes))
    rows = []
    for sku, of_sku in sorted(changes.items()):
        before = stored.get(sku, NO_STORES)
        after = with_stores(before, of_sku)
        if after != before:
            rows.append(SkuAvailabilityRow(sku=sku, available_at=after, version=1))
    write_rows_later(tx, TABLE, KEY, rows)


async def lock_skus(tx: Connection, skus: Collection[str]) -> None:
    """Lock the rows of SKUs, and make those that are missing: to lock these would lock gaps, and deadlock."""
    values = [value for sku in sorted(set(skus)) for value in (sku, NO_STORES, 1)]
    await tx.execute(_INSERT.format(", ".join(["(%s, %s, %s)"] * (len(values) // 3))), values)


async def _offline(tx: Connection, store_ids: Collection[str]) -> set[str]:
    if not store_ids:
        return set()
    rows = await tx.fetch_all(_OFFLINE.format(placeholders(store_ids)), sorted(store_ids))
    return {row["store_id"] for row in rows}


async def _lock(tx: Connection, skus: Collection[str]) -> dict[str, str]:
    rows = await tx.fetch_all(_LOCK.format(placeholders(skus)), [*skus])
    return {row.sku: row.available_at for row in (read_row(SkuAvailabilityRow, each) for each in rows)}
