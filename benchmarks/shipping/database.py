"""The database `shipping` of this benchmark: filled by the product's own statements, and verified afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiomysql
import msgspec

from benchmarks.databases import check_durable, deadlocks
from benchmarks.shipping.histories import history, planned, shipment_id
from chassis import settings
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.databases.mysql_pooled import SESSION
from chassis.databases.mysql_times import stored
from chassis.rest import idempotency
from oms.prepare.mysql import prepare_mysql
from shipping.events.streams import Cause
from shipping.settings import MIGRATIONS, database
from shipping.shipments import repository
from shipping.shipments.verifying import verify

AT_ONCE = 250
"""Shipments of one transaction."""

CAUSE = Cause("benchmark")

_ORDER = """
INSERT INTO replica_order (order_id, customer_id, status, placed_at, `lines`, shipment_ids, version)
VALUES (%s, %s, 'confirmed', %s, '[]', %s, 1)
"""
_EMPTY = ("shipping_event", "shipment", "replica_order", "delivery_day", "depot", "known_depot", "idempotency_key")


async def prepare() -> None:
    """Create the database. Raises RuntimeError if commits are not durable."""
    await prepare_mysql()
    async with opened() as shipping:
        await migrate_mysql(shipping, idempotency.MIGRATIONS, MIGRATIONS)
        await check_durable(shipping)


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The database, which is closed afterwards."""
    shipping = database()
    try:
        yield shipping
    finally:
        await shipping.close()


async def connect() -> aiomysql.Connection:
    """A plain connection, which commits each statement by itself unless a transaction is begun."""
    account = settings.mysql("shipping", "OMS_SHIPPING_DB_PASSWORD", "shipping")
    return await aiomysql.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        db=account.database,
        charset="utf8mb4",
        autocommit=True,
        init_command=SESSION,
    )


async def insert(shipping: Database, numbers: Sequence[int], *, whole: bool) -> None:
    """Insert shipments with their orders: only planned, or with their `whole` histories."""
    for first in range(0, len(numbers), AT_ONCE):
        async with shipping.transaction() as tx:
            for number in numbers[first : first + AT_ONCE]:
                it, events = shipment_id(number), history(number) if whole else [planned(number)]
                row = repository.plan_later(tx, it, events, CAUSE, events[-1].at).row(events[-1].at)
                named = msgspec.json.encode([it]).decode()
                tx.later(_ORDER, [str(row.order_id), str(row.customer_id), stored(row.planned_at), named])


async def empty(shipping: Database) -> None:
    """Delete all shipments."""
    async with shipping.reading() as connection:
        for table in _EMPTY:
            await connection.execute(f"TRUNCATE TABLE {table}")


async def count(shipping: Database, what: str) -> int:
    """The number of rows of a table, or of those that match: `table WHERE …`."""
    async with shipping.reading() as connection:
        row = await connection.fetch_one(f"SELECT COUNT(*) AS found FROM {what}")
    assert row is not None
    return int(row["found"])


@asynccontextmanager
async def verified(shipping: Database) -> AsyncIterator[None]:
    """Check what the block has written.

    Raises RuntimeError for a deadlock, and for a shipment that is not as its events say.
    """
    async with shipping.reading() as connection:
        before = await deadlocks(connection)
    yield
    async with shipping.reading() as connection:
        if made := await deadlocks(connection) - before:
            raise RuntimeError(f"there were {made} deadlocks")
    if found := [each async for each in verify(shipping)]:
        raise RuntimeError(f"{len(found)} shipments are not as their events say: {found[:3]}")
    events, shipments = await count(shipping, "shipping_event"), await count(shipping, "shipment")
    print(f"{shipments} shipments are as their {events} events say, without a deadlock")
