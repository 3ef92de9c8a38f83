"""The rows that `oms stock verify` and `oms reconcile` read in this benchmark, by an INSERT for each table.

Each SKU of the store has a stock that agrees with its three movements, two allocations and three reservations: one unit
is committed to an order, two were shipped, one is held for a cart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from os import environ

from benchmarks.inventory.shelves import STORE
from benchmarks.stream import read_model
from chassis import settings
from chassis.databases.mysql import Connection, Database

TABLES = {
    f"store_{STORE}.stock": 1,
    f"store_{STORE}.stock_movement": 3,
    "inventory.reservation": 3,
    f"store_{STORE}.allocation": 2,
    "inventory.availability": 1,
}
"""Rows of each SKU, by table."""

PER_SKU = sum(TABLES.values())
STORES = PER_SKU
"""Stores whose availability is compared, so that it has as many rows as are verified."""

_NOW = "'2026-01-01 00:00:00'"
_SKU = "CONCAT('NW-', 1000000 + number.seq)"
_STORE = f"CASE store.seq WHEN 1 THEN '{STORE}' ELSE CONCAT('store-', store.seq) END"
_UNITS = {"on_hand": 97, "unsellable": 0, "committed": 1}

_STOCK = f"""
INSERT INTO store_{STORE}.stock (stock_id, store_id, sku, on_hand, committed, movements, updated_at, version)
SELECT CONCAT('{STORE}/', {_SKU}), '{STORE}', {_SKU}, 97, 1, 3, {_NOW}, 5 FROM inventory.seq_1_to_{{}} AS number
"""
_MOVEMENTS = f"""
INSERT INTO store_{STORE}.stock_movement
    (movement_id, stock_id, store_id, sku, sequence, delta, on_hand_after, unsellable_after, reason, happened_at,
    recorded_at, version)
SELECT UUID(), stock_id, store_id, sku, sequence, delta, on_hand_after, 0, reason, {_NOW}, {_NOW}, 1
FROM store_{STORE}.stock CROSS JOIN (
    SELECT 1 AS sequence, 100 AS delta, 100 AS on_hand_after, 'received' AS reason
    UNION ALL SELECT 2, -1, 99, 'sold' UNION ALL SELECT 3, -2, 97, 'shipped'
) AS moved
"""
_RESERVATIONS = f"""
INSERT INTO inventory.reservation
    (reservation_id, hold_id, order_id, order_detail_id, lines_version, stock_id, store_id, sku, quantity, attempt,
    wanted, state, answer_version, version)
SELECT UUID(), IF(state = 'held', UUID(), NULL), IF(state = 'held', NULL, UUID()), IF(state = 'held', NULL, UUID()),
    IF(state = 'held', NULL, 1), stock_id, store_id, sku, quantity, 1, wanted, state, answer_version, 2
FROM store_{STORE}.stock CROSS JOIN (
    SELECT 'commit' AS wanted, 'committed' AS state, 1 AS quantity, 1 AS answer_version
    UNION ALL SELECT 'ship', 'shipped', 2, 2 UNION ALL SELECT 'hold', 'held', 1, 0
) AS reserved
"""
_ALLOCATIONS = f"""
INSERT INTO store_{STORE}.allocation
    (allocation_id, stock_id, store_id, sku, order_id, quantity, state, reservation_version, on_hand, unsellable,
    committed, delivered, stock_version, answered_at, version)
SELECT reservation_id, stock_id, store_id, sku, order_id, quantity, state, 2, 97, 0, 1, 0, 5, {_NOW}, answer_version
FROM inventory.reservation WHERE answer_version > 0
"""


def _availability(table: str, rows: str, also: Mapping[str, object]) -> str:
    """The INSERT of a row for each `number` and `store` of `rows`, in the SQL of both databases."""
    columns = {"stock_id": f"CONCAT({_STORE}, '/', {_SKU})", "store_id": _STORE, "sku": _SKU, **_UNITS, **also}
    columns |= {"reserved": 1, "safety_margin": 3, "stock_version": 5, "updated_at": _NOW, "version": 1}
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(map(str, columns.values()))} FROM {rows}"


def _of_stores(skus: int, first: int, last: int) -> str:
    rows = f"inventory.seq_1_to_{skus} AS number CROSS JOIN inventory.seq_{first}_to_{last} AS store"
    return _availability("inventory.availability", rows, {})


async def fill(connection: Connection, skus: int) -> Mapping[str, int]:
    """Insert the rows of so many SKUs of the store. Returns the number of rows by table."""
    for sql in (_STOCK.format(skus), _MOVEMENTS, _RESERVATIONS, _ALLOCATIONS, _of_stores(skus, 1, 1)):
        await connection.execute(sql)
    counts = {}
    for table in TABLES:
        await connection.fetch_all(f"ANALYZE TABLE {table}")
        row = await connection.fetch_one(f"SELECT COUNT(*) AS found FROM {table}")
        counts[table] = row["found"] if row else 0
    return counts


async def fill_availability(connection: Connection, skus: int) -> None:
    """Insert the availability of the other stores, and that of all stores into the read model."""
    await connection.execute(_of_stores(skus, 2, STORES))
    await connection.fetch_all("ANALYZE TABLE inventory.availability")
    rows = f"generate_series(1, {skus}) AS number (seq) CROSS JOIN generate_series(1, {STORES}) AS store (seq)"
    also = {"overreserved": 0, "incoming": 0, "deleted": False}
    async with read_model.connected() as postgres:
        await postgres.execute(_availability("availability", rows, also))
        await postgres.execute("VACUUM ANALYZE availability")


async def add_to_a_movement(connection: Connection, units: int) -> None:
    """Change a row of the ledger, which then does not agree with its stock; or change it back."""
    sql = f"UPDATE store_{STORE}.stock_movement SET delta = delta + %s WHERE stock_id = %s AND sequence = 2"
    if await connection.execute(sql, [units, f"{STORE}/NW-1000001"]) != 1:
        raise RuntimeError("the movement to change is not there")


@asynccontextmanager
async def administrator() -> AsyncIterator[Connection]:
    """A connection that may write to all databases of MySQL, without a timeout."""
    user = environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin")
    database = Database(settings.mysql(user, "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with database.migrating() as connection:
            yield connection
    finally:
        await database.close()
