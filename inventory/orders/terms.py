"""What decisions have in common, read from the database: stores, policies, and when sourcing began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chassis.databases.mysql import Connection, Database, placeholders
from inventory import settings
from inventory.orders.facts import Terms
from inventory.policies import ANY, Policy, policy_ids, untracked
from inventory.rules import Store

START = (
    "INSERT INTO sourcing_start VALUES (1, %s) ON DUPLICATE KEY UPDATE sourcing_since = sourcing_start.sourcing_since"
)

SINCE = "SELECT sourcing_since FROM sourcing_start"

STORES = "SELECT store_id, country, priority, sells_online, fresh_until FROM store"

TRACKED = "SELECT policy_id, tracked FROM stock_policy WHERE policy_id IN ({})"


async def begin_sourcing(database: Database, moment: datetime) -> None:
    """Note the moment of the first start: orders that were placed before it are left alone."""
    async with database.reading() as connection:
        await connection.execute(START, [moment])


async def read_terms(tx: Connection, skus: Iterable[str], moment: datetime, *, is_retry: bool = False) -> Terms:
    """The terms of decisions about these SKUs at this moment."""
    since = await tx.fetch_one(SINCE)
    stale = (moment - timedelta(seconds=settings.STORE_STALE_S)).replace(tzinfo=None)
    stores = {
        row["store_id"]: Store(
            row["store_id"],
            country=row["country"],
            priority=row["priority"],
            sells_online=bool(row["sells_online"]),
            is_stale=row["fresh_until"] is None or row["fresh_until"] < stale,
        )
        for row in await tx.fetch_all(STORES)
    }
    skus = {*skus}
    ids = sorted({each for sku in skus for each in policy_ids(ANY, sku)})
    rows = await tx.fetch_all(TRACKED.format(placeholders(ids)), ids) if ids else []
    policies = {row["policy_id"]: Policy(bool(row["tracked"]), 0) for row in rows}
    return Terms(
        moment=moment,
        since=since["sourcing_since"].replace(tzinfo=UTC) if since else moment,
        stores=stores,
        untracked=untracked(policies, skus) if policies else (),
        answer=timedelta(seconds=settings.STORE_ANSWER_S),
        most=timedelta(seconds=settings.SOURCING_MOST_S),
        is_retry=is_retry,
    )
