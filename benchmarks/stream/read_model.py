"""The read model of this benchmark: emptied before each run, monitored during it, and checked after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec

from benchmarks.stream.references import references
from benchmarks.stream.shop import LINES
from benchmarks.stream.topics import Ends
from benchmarks.stream.watching import Progress, ReadProgress
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres_upserts import Upsert
from chassis.settings import PostgresSettings, postgres
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.products import PRODUCTS
from contracts.rows import Row
from contracts.topics import Topic
from oms.prepare.postgres import prepare_postgres
from orders_stream.settings import MIGRATIONS, read_model

EVERY_S = 0.25

_PROGRESS = """
SELECT
    coalesce(sum(next_offset) FILTER (WHERE topic = ANY($1::text[])), 0)::bigint,
    extract(epoch FROM min(projected_at))::float8
FROM progress
"""

_RESULT = """
SELECT count(*), sum(subtotal), sum(cardinality(lines)), sum((SELECT sum(amount) FROM unnest(lines))) FROM sales_order
"""

_TABLES = ("sales_order", "customer", "address", "product")

_CONTENT = "SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(row::text, 0)), 0) FROM {} AS row"


class Load(msgspec.Struct, frozen=True):
    """The content of the topics: orders, all records, and the sum over the orders."""

    orders: int
    records: int
    total: Decimal


@asynccontextmanager
async def connected(settings: PostgresSettings | None = None) -> AsyncIterator[asyncpg.Connection]:
    """A separate connection, by default of the administrator, in the schema of the read model."""
    account = settings or postgres("postgres", "OMS_POSTGRES_ADMIN_PASSWORD")
    connection = await asyncpg.connect(
        host=account.host,
        port=account.port,
        user=account.user,
        password=account.password,
        database=account.database,
        server_settings={"search_path": account.schema, "jit": "off"},
    )
    try:
        yield connection
    finally:
        await connection.close()


async def empty() -> None:
    """Recreate the read model, and checkpoint Postgres. Raises RuntimeError if commits are not durable."""
    await prepare_postgres()
    async with connected() as connection:
        await check_durable(connection)
        await connection.execute("DROP SCHEMA read_model CASCADE")
    await prepare_postgres()
    database = read_model()
    async with database.connection() as owner:
        await migrate_postgres(owner, MIGRATIONS)
    await database.close()
    async with connected() as connection:
        await connection.execute("CHECKPOINT")


async def check_durable(connection: asyncpg.Connection) -> None:
    """Check that every commit is on disk. Raises RuntimeError."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        value = await connection.fetchval(f"SHOW {setting}")
        if value != "on":
            raise RuntimeError(f"commits are not durable: {setting} is {value}")


def progress_reader(connection: asyncpg.Connection, ends: Ends, order_records: int) -> ReadProgress:
    """A function that reads how many records are projected, and how many were published."""

    async def look() -> Progress:
        [(done, began_s)] = await connection.fetch(_PROGRESS, [ORDER.name, ORDER_DETAIL.name])
        return Progress(began_s, done / order_records, (done, await ends.of(ORDERS_GRAPH.name)))

    return look


async def project_references() -> None:
    """Write the customers, addresses and products, for variants that project only orders."""
    statements: dict[str, tuple[Topic[Any], Upsert]] = {
        CUSTOMER.name: (CUSTOMER, Upsert("customer", CUSTOMER)),
        ADDRESS.name: (ADDRESS, Upsert("address", ADDRESS)),
        PRODUCTS.name: (PRODUCTS, Upsert("product", PRODUCTS)),
    }
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for record in references():
        rows[record.topic].append(statements[record.topic][0].decoder()(record.value))
    async with connected() as connection:
        for name, (_, upsert) in statements.items():
            await connection.execute(upsert.sql, *upsert.arrays(rows[name]))


async def check(load: Load) -> Mapping[str, str]:
    """Count and sum the orders, and return a checksum over all columns of each table.

    Raises RuntimeError unless exactly these orders are visible.
    """
    async with connected() as connection:
        [found] = await connection.fetch(_RESULT)
        wanted = (load.orders, load.total, load.orders * LINES, load.total)
        if tuple(found) != wanted:
            raise RuntimeError(f"orders, their total, lines and their amounts are {tuple(found)}, expected {wanted}")
        return {table: await connection.fetchval(_CONTENT.format(table)) for table in _TABLES}
