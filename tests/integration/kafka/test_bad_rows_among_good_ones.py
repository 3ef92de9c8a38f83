"""A chunk with bad records at random places: exactly those are set aside, and all others are in the stores."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from chassis.chunks.batch import Batch
from chassis.chunks.chunk import Chunk
from chassis.chunks.handling import Handler
from chassis.chunks.reading import each_chunk
from chassis.databases.migrations import migrate_mysql, migrate_postgres
from chassis.databases.mysql import Database as MySQL
from chassis.databases.postgres import Database
from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import PRODUCTS
from contracts.rows import Row
from contracts.topics import Topic
from orders.replica import repository as replica
from orders.settings import MIGRATIONS as ORDERS_MIGRATIONS
from orders_stream.agents import join_orders, project
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.aside import Aside
from tests.support.shop import rows
from tests.support.shop.rows import a_line, a_record, an_order
from tests.support.shop.small_shop import a_product
from tests.support.views.read_model import TABLES

Poison = Callable[[dict[str, Any]], bytes]
SEEDS = range(4)


def changed(**changes: Any) -> Poison:
    return lambda row: msgspec.json.encode({**row, **changes})


ANY: list[Poison] = [
    lambda _: b"not json",
    lambda _: b"\xff\xfe",
    lambda _: b'{"version": 1}',
    lambda row: msgspec.json.encode(row)[:-9],
    changed(version=2**63),
    changed(version="1e400"),
    changed(version=None),
]
OF_ORDERS: list[Poison] = [
    *ANY,
    changed(subtotal="1e300"),
    changed(freight="NaN"),
    changed(currency="US\x00"),
    changed(status=["lost"]),
    changed(subtotal={"amount": "1", "currency": "USD"}),
    changed(line_count=2**40),
    changed(placed_at="0001-01-01T00:00:00+14:00"),
    changed(delivery_addresses='[{"city": "\\u0000"}]'),
]
OF_LINES: list[Poison] = [
    *ANY,
    changed(unit_price="1e300"),
    changed(discount="12"),
    changed(product_name="\x00"),
    changed(quantity=2**33),
    changed(order_id="7"),
]
OF_CUSTOMERS: list[Poison] = [
    *ANY,
    changed(name="\x00"),
    # The index on the address takes 2,704 bytes, and says so by an error of its own class.
    changed(email="".join(random.Random(1).choices("abcdefghijklmnop0123456789", k=9000))),
]
OF_PRODUCTS: list[Poison] = [
    *ANY,
    changed(name="N" * 201),
    changed(sku="S" * 65),
    changed(price="1e300"),
    changed(currency="TOO LONG"),
]
OF_ADDRESSES: list[Poison] = [
    *ANY,
    changed(street="x" * 70_000, city="y" * 1_000_000, version=2**63),
    changed(version=2**64),
]


@pytest.fixture
async def postgres() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


@pytest.fixture
async def mysql(own_database: MySQL) -> MySQL:
    await migrate_mysql(own_database, ORDERS_MIGRATIONS)
    return own_database


async def read(topic: Topic[Any], good: Sequence[Row], poisons: Sequence[Poison], handle: Handler, seed: int) -> None:
    """Read one chunk of good rows and a poison of each kind, shuffled; exactly the poisons must be set aside."""
    values = [(msgspec.json.encode(row), False) for row in good]
    values += [(poison(_of_its_own(good[0])), True) for poison in poisons]
    random.Random(seed).shuffle(values)
    records = [a_record(topic.name, value, offset) for offset, (value, _) in enumerate(values)]
    aside = Aside()

    await each_chunk(_stream(records), topics=[topic], handle=handle, dead_letters=aside)

    assert sorted(aside.offsets) == [offset for offset, (_, is_bad) in enumerate(values) if is_bad]


def _of_its_own(row: Row) -> dict[str, Any]:
    """The row's columns, with an identity that no other row has."""
    columns: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(row))
    new = {name: str(uuid4()) for name in ("order_id", "order_detail_id", "customer_id", "address_id", "sku")}
    return {**columns, **{name: value for name, value in new.items() if name in columns}}


async def _stream(records: Sequence[ConsumerRecord]) -> AsyncIterator[Chunk]:
    class Nobody:
        def chunk_done(self, chunk: Chunk) -> None:
            return

        def is_in_flight(self, chunk: Chunk) -> bool:
            return True

    yield Chunk(TP(records[0].topic, 0), records, records[-1].offset + 1, Nobody())


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
        return found


async def publish(_: Sequence[Any]) -> None:
    return


@pytest.mark.parametrize("seed", SEEDS)
async def test_orders_and_their_lines_in_the_read_model(postgres: Database, seed: int) -> None:
    orders = [an_order() for _ in range(200)]
    join = join_orders(postgres, publish)

    await read(ORDER, orders, OF_ORDERS, join, seed)
    await read(ORDER_DETAIL, [a_line(order) for order in orders], OF_LINES, join, seed)

    assert await count(postgres, "sales_order") == await count(postgres, "order_line") == len(orders)


@pytest.mark.parametrize("seed", SEEDS)
async def test_customers_in_the_read_model(postgres: Database, seed: int) -> None:
    customers = [rows.a_customer() for _ in range(100)]

    await read(CUSTOMER, customers, OF_CUSTOMERS, project(postgres, CUSTOMER, "customer"), seed)

    assert await count(postgres, "customer") == len(customers)


@pytest.mark.parametrize("seed", SEEDS)
async def test_products_and_addresses_in_the_replica(mysql: MySQL, seed: int) -> None:
    products = [a_product(f"{uuid4()}") for _ in range(100)]
    addresses = [rows.an_address() for _ in range(100)]

    async def products_in(batch: Batch) -> None:
        async with mysql.transaction() as tx:
            await replica.upsert_products(tx, batch.newest(PRODUCTS))

    async def addresses_in(batch: Batch) -> None:
        async with mysql.transaction() as tx:
            await replica.upsert_addresses(tx, batch.newest(ADDRESS))

    await read(PRODUCTS, products, OF_PRODUCTS, products_in, seed)
    await read(ADDRESS, addresses, OF_ADDRESSES, addresses_in, seed)

    async with mysql.reading() as connection:
        skus = await connection.fetch_all("SELECT sku FROM replica_product")
        ids = await connection.fetch_all("SELECT address_id FROM replica_address")
    assert {product.sku for product in products} <= {row["sku"] for row in skus}
    assert {str(address.address_id) for address in addresses} <= {row["address_id"] for row in ids}


@pytest.mark.parametrize("bad", [{1}, {2}, {1, 2}, {3}, {1, 3}, {2, 3}])
async def test_a_bad_version_hides_no_other_of_its_row(postgres: Database, bad: set[int]) -> None:
    versions = [an_order(version=1)]
    versions += [msgspec.structs.replace(versions[0], version=version) for version in (2, 3)]
    texts = [msgspec.structs.replace(row, external_id="\x00" if row.version in bad else None) for row in versions]
    records = [a_record("order", msgspec.json.encode(row), row.version) for row in texts]
    join, aside = join_orders(postgres, publish), Aside()

    for chunk in ([records[0], records[1]], [records[2]]):
        await each_chunk(_stream(chunk), topics=[ORDER], handle=join, dead_letters=aside)

    async with postgres.connection() as connection:
        waiting = await connection.fetch("SELECT version FROM incomplete_order")
    assert {row["version"] for row in waiting} == {1, 2, 3} - bad
    assert set(aside.offsets) == bad
