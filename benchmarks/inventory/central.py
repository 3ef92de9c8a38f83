"""The database `inventory` of this benchmark: its stock, and what must be true of it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from benchmarks.databases import check_durable, deadlocks
from benchmarks.inventory.shelves import stock
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Connection, Database
from chassis.rest import idempotency
from inventory.answers.stock import take_over_stock
from inventory.orders.terms import begin_sourcing
from inventory.settings import MIGRATIONS, database
from inventory.times import aware_now
from oms.prepare.mysql import prepare_mysql

_WRONG_STOCK = """
SELECT stock_id, reserved, COALESCE(held.units, 0) AS held
FROM availability LEFT JOIN (
    SELECT stock_id, SUM(quantity) AS units FROM reservation WHERE state IN ('held', 'asked') GROUP BY stock_id
) AS held USING (stock_id)
WHERE reserved <> COALESCE(held.units, 0)
"""

_VERSIONS = "SELECT SUM(version) AS versions FROM availability"

_HOLDS = """
SELECT (SELECT COUNT(*) FROM hold) AS holds,
    (SELECT COALESCE(SUM(JSON_LENGTH(requested)), 0) FROM hold) AS held_lines,
    (SELECT COUNT(*) FROM reservation WHERE hold_id IS NOT NULL) AS reservations,
    (SELECT COUNT(*) FROM idempotency_key WHERE status = 201) AS answers
"""


async def prepare() -> None:
    """Create the database with its stock. Raises RuntimeError if commits are not durable."""
    await prepare_mysql()
    async with opened() as inventory:
        await migrate_mysql(inventory, idempotency.MIGRATIONS, MIGRATIONS)
        await check_durable(inventory)
        await begin_sourcing(inventory, datetime(2020, 1, 1, tzinfo=UTC))
        await take_over_stock(inventory, aware_now)(stock())


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The database, which is closed afterwards."""
    inventory = database()
    try:
        yield inventory
    finally:
        await inventory.close()


@asynccontextmanager
async def checked_holds() -> AsyncIterator[None]:
    """Check what the block has reserved.

    Raises RuntimeError for a deadlock, a unit that is not counted once, an update that is lost, or half a reservation.
    """
    async with opened() as inventory:
        async with inventory.reading() as connection:
            before = await _counts(connection)
        yield
        async with inventory.reading() as connection:
            after = await _counts(connection)
            wrong = await connection.fetch_all(_WRONG_STOCK)
    made = {name: after[name] - before[name] for name in after}
    if wrong:
        raise RuntimeError(f"reserved units are not those of the reservations: {wrong[:3]}")
    if made["deadlocks"] or made["holds"] != made["answers"]:
        raise RuntimeError(f"deadlocks, or holds without a stored response: {made}")
    if not made["held_lines"] == made["reservations"] == made["versions"]:
        raise RuntimeError(f"each line must be one reservation and one version of a stock: {made}")
    print(f"{made['holds']} holds of {made['reservations']} units are in the database, without a deadlock")


async def _counts(connection: Connection) -> dict[str, int]:
    found: dict[str, int] = {}
    for sql in (_HOLDS, _VERSIONS):
        found |= {name: int(value) for name, value in (await connection.fetch_one(sql) or {}).items()}
    return found | {"deadlocks": await deadlocks(connection)}
