"""What decisions have in common, read from the database: stores, policies, and when sourcing began."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from chassis.databases.mysql import Connection, Database, Row, placeholders
from inventory import settings
from inventory.decisions.knowledge import place_of
from inventory.decisions.places import Store
from inventory.decisions.policies import ANY, Policy, most_backordered, policy_ids, untracked
from inventory.decisions.rules import StockKey
from inventory.orders.facts import Terms

START = (
    "INSERT INTO sourcing_start VALUES (1, %s) ON DUPLICATE KEY UPDATE sourcing_since = sourcing_start.sourcing_since"
)

POLICIES = """
SELECT policy_id AS id, tracked AS flag, backorders, backorder_limit FROM stock_policy WHERE policy_id IN ({})
"""

TERMS = """
SELECT 'start' AS kind, CONVERT('' USING utf8mb4) COLLATE utf8mb4_bin AS id, NULL AS country, NULL AS region,
    NULL AS city, NULL AS latitude, NULL AS longitude, NULL AS priority, NULL AS flag, sourcing_since AS moment,
    NULL AS backorders, NULL AS backorder_limit
FROM sourcing_start
UNION ALL
SELECT 'store', CONVERT(store_id USING utf8mb4) COLLATE utf8mb4_bin, country, region, city,
    latitude, longitude, priority, sells_online, fresh_until, NULL, NULL
FROM store
UNION ALL
SELECT 'policy', policy_id, NULL, NULL, NULL, NULL, NULL, NULL, tracked, NULL, backorders,
    backorder_limit
FROM stock_policy WHERE policy_id IN ({})
"""


async def begin_sourcing(database: Database, moment: datetime) -> None:
    """Note the moment of the first start: orders that were placed before it are left alone."""
    async with database.reading() as connection:
        await connection.execute(START, [moment])


async def may_be_backordered(connection: Connection, skus: Collection[str]) -> set[str]:
    """Those of these SKUs that orders may wait for."""
    ids = _policy_ids(skus)
    rows = await connection.fetch_all(POLICIES.format(placeholders(ids)), ids)
    return {*most_backordered({row["id"]: _policy(row) for row in rows}, skus)}


async def read_untracked(connection: Connection, skus: Collection[str]) -> set[str]:
    """Those of these SKUs whose units are not tracked in any store."""
    ids = _policy_ids(skus)
    rows = await connection.fetch_all(POLICIES.format(placeholders(ids)), ids)
    return untracked({row["id"]: _policy(row) for row in rows}, skus)


async def read_terms(
    tx: Connection,
    skus: Iterable[str],
    moment: datetime,
    *,
    restocked: Collection[StockKey] = (),
    is_retry: bool = False,
) -> Terms:
    """The terms of decisions about these SKUs at this moment."""
    skus = {*skus}
    ids = _policy_ids(skus)
    found: dict[str, list[Row]] = {"start": [], "store": [], "policy": []}
    for row in await tx.fetch_all(TERMS.format(placeholders(ids)), ids):
        found[row["kind"]].append(row)
    stale = (moment - timedelta(seconds=settings.STORE_STALE_S)).replace(tzinfo=None)
    stores = {
        row["id"]: Store(
            row["id"],
            place=place_of(row),
            priority=row["priority"],
            sells_online=bool(row["flag"]),
            is_stale=row["moment"] is None or row["moment"] < stale,
        )
        for row in found["store"]
    }
    policies = {row["id"]: _policy(row) for row in found["policy"]}
    since = found["start"][0]["moment"].replace(tzinfo=UTC) if found["start"] else moment
    return Terms(
        moment=moment,
        since=since,
        stores=stores,
        policy=settings.SOURCING_POLICY,
        untracked=untracked(policies, skus) if policies else (),
        most_backordered=most_backordered(policies, skus) if policies else {},
        backordered_for=timedelta(days=settings.BACKORDER_DAYS),
        answer=timedelta(seconds=settings.STORE_ANSWER_S),
        most=timedelta(seconds=settings.SOURCING_MOST_S),
        restocked=restocked,
        is_retry=is_retry,
    )


def _policy_ids(skus: Iterable[str]) -> list[str]:
    return sorted({each for sku in skus for each in policy_ids(ANY, sku)} | {f"{ANY}/{ANY}"})


def _policy(row: Row) -> Policy:
    return Policy(bool(row["flag"]), 0, row["backorders"], row["backorder_limit"])
