"""The SQL of stores, their stock, and the availability of products."""

from __future__ import annotations

# Each session of Postgres has this setting.
STALE = "coalesce({} < now() - current_setting('oms.store_stale')::interval, true)"
"""The SQL of whether a time up to which a store is known is too long ago, or unknown."""

STORES = f"(SELECT store.*, {STALE.format('store.fresh_until')} AS stale FROM store)"
"""The SQL of all stores, deleted ones included."""

STOCK = (
    f"(SELECT availability.*, store.fresh_until, {STALE.format('store.fresh_until')} AS stale "
    "FROM availability LEFT JOIN store ON store.store_id = availability.store_id AND NOT store.deleted)"
)
"""The SQL of all stock, deleted rows included. The store is read only if its columns are selected."""

_STATUS = """CASE
    WHEN coalesce(bool_and(level.is_low) FILTER (WHERE level.available_to_promise > 0), true)
    THEN CASE WHEN coalesce(max(level.available_to_promise), 0) > 0 THEN 'LOW' ELSE 'OUT_OF_STOCK' END
    ELSE 'IN_STOCK'
END"""
"""Stores without units to promise say nothing about those of others."""

_MOST = 2**31 - 1
"""The largest Int."""

AGGREGATE = f"""
    SELECT {_STATUS} AS status,
        least({_MOST}, coalesce(sum(level.available_to_promise), 0))::integer AS available,
        count(*) FILTER (WHERE level.available_to_promise > 0) AS stores,
        CASE WHEN bool_and(store.fresh_until IS NOT NULL) THEN min(store.fresh_until) END AS fresh_until,
        coalesce(bool_or({STALE.format("store.fresh_until")}), false) AS stale,
        false AS deleted
    FROM availability AS level JOIN store USING (store_id)
    WHERE level.sku = {{sku}} AND NOT level.deleted AND NOT store.deleted AND store.sells_online
"""
"""The SQL of the availability of one SKU; always one row."""
