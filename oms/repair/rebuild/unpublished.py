"""Carries over what the workers have not published yet, so that they publish it after the swap."""

from __future__ import annotations

from chassis.databases.postgres import PoolConnection
from oms.repair.rebuild.schemas import LIVE, is_former

# Superseded versions, each with its lines; a deleted order has none in its row. Newer ones that wait for lines were
# read from the topics here, too.
_SUPERSEDED = f"""
SELECT waiting.* FROM {LIVE}.incomplete_order AS waiting JOIN {LIVE}.sales_order AS o USING (order_id)
WHERE CASE waiting.topic
    WHEN 'order' THEN waiting.version < o.version
    ELSE o.deleted OR (waiting.value ->> 'lines_version')::bigint < o.lines_version
END
"""

# The same from the tables of earlier releases, each row as JSON of its row in the contract.
_SUPERSEDED_BEFORE = f"""
WITH superseded AS (
    SELECT o.*, CASE WHEN NOT shown.deleted THEN shown.lines_version END AS shown_lines
    FROM {LIVE}.unpublished_order AS o JOIN {LIVE}.shown_order AS shown USING (order_id)
    WHERE o.version < shown.version
)
SELECT order_id, 'order', order_id, version, (
    jsonb_strip_nulls(to_jsonb(o)) - 'deleted' - 'shown_lines' || jsonb_build_object(
        'version', version - deleted::integer, '__deleted', deleted, 'delivery_addresses', delivery_addresses::text
    )
)::json, now()
FROM superseded AS o
UNION ALL
SELECT order_id, 'order_detail', order_line_id, version, (
    to_jsonb(line) - 'deleted' - 'order_line_id' || jsonb_build_object(
        'version', version - deleted::integer, '__deleted', deleted, 'order_detail_id', order_line_id
    )
)::json, now()
FROM {LIVE}.order_line AS line
WHERE (order_id, lines_version) IN (
    SELECT order_id, lines_version FROM superseded WHERE lines_version IS DISTINCT FROM shown_lines
)
"""


async def copy_unpublished(tx: PoolConnection, schema: str) -> None:
    """Copy the superseded versions and the orders of the last transactions that the live read model has to publish."""
    if await tx.fetchval("SELECT to_regclass($1) IS NULL", f"{LIVE}.publishing"):
        return  # a release that did not keep what it had to publish
    superseded = _SUPERSEDED_BEFORE if await is_former(tx, LIVE) else _SUPERSEDED
    await tx.execute(f"""
        INSERT INTO {schema}.incomplete_order (order_id, topic, row_id, version, value, received_at) {superseded}
        ON CONFLICT DO NOTHING
    """)
    await tx.execute(f"TRUNCATE {schema}.publishing")
    await tx.execute(f"INSERT INTO {schema}.publishing SELECT * FROM {LIVE}.publishing")
