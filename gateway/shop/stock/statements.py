"""The SQL of stores, their stock, and the availability of products."""

from __future__ import annotations

from contracts.inventory.restocks import RestockStatus

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
    WHEN coalesce(max(level.available_to_promise), 0) = 0 THEN NULL
    WHEN bool_and(level.is_low) FILTER (WHERE level.available_to_promise > 0) THEN 'LOW'
    ELSE 'IN_STOCK'
END"""
"""Null without units to promise. Stores without any say nothing about those of others."""

_MOST = 2**31 - 1
"""The largest Int."""

_LEVELS = f"""
    SELECT {_STATUS} AS status,
        least({_MOST}, coalesce(sum(level.available_to_promise), 0))::integer AS available,
        count(*) FILTER (WHERE level.available_to_promise > 0) AS stores,
        CASE WHEN bool_and(store.fresh_until IS NOT NULL) THEN min(store.fresh_until) END AS fresh_until,
        coalesce(bool_or({STALE.format("store.fresh_until")}), false) AS stale
    FROM availability AS level JOIN store USING (store_id)
    WHERE level.sku = {{sku}} AND NOT level.deleted AND NOT store.deleted AND store.sells_online
"""

_WAITED_FOR = """
    SELECT coalesce(sum((line->>'backordered')::bigint), 0)
    FROM sourcing, jsonb_array_elements(sourcing.lines) AS line
    WHERE sourcing.status = 'backordered' AND NOT sourcing.deleted AND line->>'sku' = {sku}
        AND sourcing.lines @> jsonb_build_array(jsonb_build_object('sku', {sku}::text))
"""
"""The units of a SKU that orders wait for."""

_OPEN = ", ".join(
    f"'{each}'" for each in RestockStatus if each not in (RestockStatus.RECEIVED, RestockStatus.CANCELLED)
)

_NEWEST_REQUEST = f"""
    SELECT max(requested_at) FROM restock_request WHERE sku = {{sku}} AND NOT deleted AND status IN ({_OPEN})
"""

_POLICY = """
    SELECT * FROM stock_policy WHERE policy_id IN ('*/' || {sku}, '*/*') AND NOT deleted
    ORDER BY policy_id = '*/*' LIMIT 1
"""
"""The policy of a SKU that says whether its units are tracked, and whether orders may wait for them."""

_UNTRACKED = f"SELECT 'IN_STOCK' AS status FROM ({_POLICY}) AS policy WHERE NOT policy.tracked"
"""One row if the units of a SKU are not counted: it is never short."""

_BACKORDER = f"""
    SELECT 'BACKORDER' AS status, ({_NEWEST_REQUEST}) + policy.lead_time_days * interval '24 hours' AS expected_at
    FROM ({_POLICY}) AS policy
    WHERE policy.backorders = 'yes' OR (policy.backorders = 'limit' AND policy.backorder_limit > ({_WAITED_FOR}))
"""
"""One row if an order of one unit may wait, as `inventory` decides it; none otherwise."""

AGGREGATE = f"""
    SELECT coalesce(untracked.status, levels.status, backorder.status, 'OUT_OF_STOCK') AS status,
        levels.available, levels.stores, backorder.expected_at, levels.fresh_until, levels.stale, false AS deleted
    FROM ({_LEVELS}) AS levels
    LEFT JOIN LATERAL ({_UNTRACKED}) AS untracked ON levels.status IS DISTINCT FROM 'IN_STOCK'
    LEFT JOIN LATERAL ({_BACKORDER}) AS backorder ON levels.status IS NULL AND untracked.status IS NULL
"""
"""The SQL of the availability of one SKU; always one row."""
