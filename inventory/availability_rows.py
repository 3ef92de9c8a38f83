"""The SQL of availability: rows are made, locked in one order, and written once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from chassis.databases.mysql import Connection, Database, placeholders, transact
from contracts.inventory.availability import AvailabilityRow
from contracts.stores import stock_id
from inventory.decisions.policies import Policy, policy_ids, valid_policy
from inventory.decisions.rules import StockKey
from inventory.levels import Levels
from inventory.sku_availability import following
from inventory.stored_rows import read_row, select, write_rows_later

TABLE, KEY = "availability", "stock_id"

KNOWN = "SELECT stock_id FROM availability WHERE stock_id IN ({})"

# Those that are committed now, whatever the transaction has read before.
OF_SKUS = "SELECT stock_id FROM availability WHERE sku IN ({}) LOCK IN SHARE MODE"

LOCK = f"SELECT {select(AvailabilityRow, KEY)} FROM availability WHERE stock_id IN ({{}}) ORDER BY stock_id FOR UPDATE"

# Shared with a change of these policies, which updates the rows that there are.
POLICIES = "SELECT policy_id, tracked, safety_margin FROM stock_policy WHERE policy_id IN ({}) LOCK IN SHARE MODE"

INSERT = """
INSERT INTO availability (
    stock_id, store_id, sku, on_hand, unsellable, committed, reserved, safety_margin, stock_version, has_backorders,
    updated_at, version
)
VALUES {} ON DUPLICATE KEY UPDATE version = availability.version
"""

BACKORDERED = "SELECT DISTINCT sku FROM backorder WHERE sku IN ({}) LOCK IN SHARE MODE"

INSERT_STORES = """
INSERT INTO store (store_id, name, kind, country, created_at, updated_at, version)
VALUES {} ON DUPLICATE KEY UPDATE version = store.version
"""

UNKNOWN_COUNTRY = "ZZ"
"""The country of a store that nobody has described: no country has this code of ISO 3166."""

MARGINS = """
UPDATE availability
LEFT JOIN stock_policy AS one ON one.policy_id = availability.stock_id
LEFT JOIN stock_policy AS of_sku ON of_sku.policy_id = CONCAT('*/', availability.sku)
LEFT JOIN stock_policy AS of_store ON of_store.policy_id = CONCAT(availability.store_id, '/*')
LEFT JOIN stock_policy AS of_all ON of_all.policy_id = '*/*'
SET availability.safety_margin = COALESCE(
        one.safety_margin, of_sku.safety_margin, of_store.safety_margin, of_all.safety_margin, %s
    ),
    availability.updated_at = %s,
    availability.version = availability.version + 1
WHERE availability.safety_margin <> COALESCE(
    one.safety_margin, of_sku.safety_margin, of_store.safety_margin, of_all.safety_margin, %s
)
"""


async def lock(tx: Connection, stock_ids: Collection[str]) -> list[AvailabilityRow]:
    """Lock rows until the transaction ends, all transactions in the same order. Returns those that there are."""
    if not stock_ids:
        return []
    rows = await tx.fetch_all(LOCK.format(placeholders(stock_ids)), sorted(stock_ids))
    return [read_row(AvailabilityRow, row) for row in rows]


async def write(tx: Connection, levels: Levels, changed: Sequence[AvailabilityRow]) -> None:
    """Write the locked rows that have changed, and which stores have units now. Nothing may be locked afterwards."""
    write_rows_later(tx, TABLE, KEY, changed)
    await following.follow(tx, levels.crossings(changed))


async def has_any(tx: Connection, skus: Collection[str]) -> bool:
    """Whether there is a row for any of these SKUs."""
    sql = f"SELECT 1 FROM availability WHERE sku IN ({placeholders(skus)}) LIMIT 1"
    return await tx.fetch_one(sql, [*skus]) is not None


async def has_store(connection: Connection, store_id: str) -> bool:
    """Whether there is such a store."""
    return await connection.fetch_one("SELECT 1 FROM store WHERE store_id = %s", [store_id]) is not None


async def lock_stores(tx: Connection, skus: Collection[str]) -> set[str]:
    """The ids of all rows of these SKUs. Until the transaction ends, no store gets a row of one of them."""
    await following.lock_skus(tx, skus)
    return {row["stock_id"] for row in await tx.fetch_all(OF_SKUS.format(placeholders(skus)), [*skus])}


async def make_missing(database: Database, keys: Iterable[StockKey], margin: int, moment: datetime) -> None:
    """Make a row without units for each SKU in a store that has none, and the stores that are unknown."""
    by_id = {stock_id(*key): key for key in keys}
    if not by_id:
        return
    async with database.reading() as connection:
        known = await connection.fetch_all(KNOWN.format(placeholders(by_id)), [*by_id])
    missing = by_id.keys() - {row["stock_id"] for row in known}
    if missing:
        await transact(database, lambda tx: _make(tx, {each: by_id[each] for each in sorted(missing)}, margin, moment))


async def make_missing_stores(tx: Connection, store_ids: Iterable[str], moment: datetime) -> None:
    """Make the stores that are unknown, with defaults: nothing waits for their description."""
    stores = sorted(set(store_ids))
    values = [value for each in stores for value in (each, each, "shop", UNKNOWN_COUNTRY, moment, moment, 1)]
    await tx.execute(INSERT_STORES.format(", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(stores))), values)


async def apply_margins(database: Database, default: int, moment: datetime, sku: str | None = None) -> int:
    """Give each row, or those of one SKU, the safety margin of its policy, or the default.

    Returns how many rows had another one.
    """
    sql, values = MARGINS, [default, moment, default]
    if sku is not None:
        sql, values = f"{sql} AND availability.sku = %s", [*values, sku]
    async with database.migrating() as connection:
        return await connection.execute(sql, values)


async def _make(tx: Connection, missing: Mapping[str, StockKey], margin: int, moment: datetime) -> None:
    ids = sorted({each for key in missing.values() for each in policy_ids(*key)})
    policies = {
        row["policy_id"]: Policy(bool(row["tracked"]), row["safety_margin"])
        for row in await tx.fetch_all(POLICIES.format(placeholders(ids)), ids)
    }
    await make_missing_stores(tx, [key.store_id for key in missing.values()], moment)
    skus = sorted({key.sku for key in missing.values()})
    await following.lock_skus(tx, skus)
    waiting = await tx.fetch_all(BACKORDERED.format(placeholders(skus)), skus)
    waited_for = {row["sku"] for row in waiting}
    values: list[object] = []
    for row_id, key in missing.items():
        of_key = valid_policy(policies, *key, margin).safety_margin
        values += [row_id, *key, 0, 0, 0, 0, of_key, 0, key.sku in waited_for, moment, 1]
    await tx.execute(INSERT.format(", ".join([f"({placeholders(range(12))})"] * len(missing))), values)
