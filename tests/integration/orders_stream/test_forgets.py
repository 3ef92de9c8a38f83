"""A deleted customer leaves the read model and `orders-graph`, whatever happens at the same time; the orders stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest

from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database
from contracts.customers import ADDRESS, CUSTOMER, AddressRow, CustomerRow
from contracts.orders import ORDER, ORDER_DETAIL, OrderGraph, OrderRow
from contracts.rows import Row
from orders_stream import republish
from orders_stream.agents import join_orders, project, project_customers
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.shop.rows import HOME, a_batch, a_customer, a_line, an_address, an_order, written
from tests.support.views.read_model import TABLES

MARIA = a_customer()
PLACED = an_order(customer_id=MARIA.customer_id)
LINE = a_line(PLACED)
PERSONAL = ("Maria", "Anders", str(MARIA.email), "DNI 1", "030-0074321", "Alfreds Futterkiste")
FINE = ("Straße", "Obere Str.", "57", "Beside the park", "12209", "52.520008", "13.404954")

Meanwhile = Callable[[], Awaitable[None]]


class Stream:
    """The handlers of `orders_stream`, each row in a chunk of its own, and what they told others, in order."""

    def __init__(self, database: Database) -> None:
        self.told: list[OrderGraph] = []
        self.batches: list[int] = []
        self.meanwhile: Meanwhile | None = None
        self._orders = join_orders(database, self.publish)
        self._customers = project_customers(database, self.publish)
        self._addresses = project(database, ADDRESS, "address")

    async def publish(self, orders: Sequence[OrderGraph]) -> None:
        """What comes meanwhile is told before this is: the order in which others may see it at worst."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        self.told += orders
        self.batches.append(len(orders))

    async def hear(self, *rows: Row) -> None:
        for row in rows:
            match row:
                case CustomerRow():
                    await self._customers(a_batch(CUSTOMER, [row]))
                case AddressRow():
                    await self._addresses(a_batch(ADDRESS, [row]))
                case OrderRow():
                    await self._orders(a_batch(ORDER, [row]))
                case _:
                    await self._orders(a_batch(ORDER_DETAIL, [row]))

    def last(self) -> dict[UUID, OrderGraph]:
        """What a compacted topic keeps."""
        return {order.id: order for order in self.told}


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = read_model()
    async with opened.connection() as connection:
        await migrate_postgres(connection, MIGRATIONS)
        await connection.execute(f"TRUNCATE {TABLES}, progress")
    yield opened
    await opened.close()


@pytest.fixture
def stream(database: Database) -> Stream:
    return Stream(database)


def deleted(row: Any) -> Any:
    """The row as Debezium's record of its deletion has it: with its last values."""
    return type(row)(**msgspec.structs.asdict(row) | {"is_deleted": True})


async def everything(database: Database) -> str:
    """All that the read model holds, as text."""
    async with database.connection() as connection:
        tables = [
            await connection.fetchval(f"SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM {table} AS t")
            for table in TABLES.split(", ")
        ]
    return "\n".join(tables)


async def test_a_deleted_customer_and_address_are_blank_in_the_read_model(database: Database, stream: Stream) -> None:
    home = an_address(customer_id=MARIA.customer_id)
    await stream.hear(MARIA, home)
    before = await everything(database)

    await stream.hear(deleted(home), deleted(MARIA), home, MARIA)
    after = await everything(database)

    assert all(told in before for told in PERSONAL + FINE)
    assert [told for told in PERSONAL + FINE if f'"{told}"' in after] == []
    assert str(MARIA.customer_id) in after
    assert "Berlin" in after


async def test_orders_of_a_deleted_customer_are_told_anew_without_the_customer(stream: Stream) -> None:
    of_another = an_order()
    await stream.hear(MARIA, PLACED, LINE, of_another, a_line(of_another))
    assert stream.last()[PLACED.order_id].customer is not None
    stream.told.clear()

    await stream.hear(deleted(MARIA))

    [order] = stream.told
    assert (order.id, order.version, order.customer, len(order.lines)) == (PLACED.order_id, 1, None, 1)
    assert order.subtotal == PLACED.subtotal


async def test_orders_of_a_customer_who_changes_are_told_anew(stream: Stream) -> None:
    await stream.hear(MARIA, PLACED, LINE)

    await stream.hear(msgspec.structs.replace(MARIA, name="Mary", version=2))

    customer = stream.last()[PLACED.order_id].customer
    assert customer is not None
    assert customer.name == "Mary"


async def test_an_order_whose_customer_comes_later_is_told_with_the_customer_then(stream: Stream) -> None:
    await stream.hear(PLACED, LINE)
    without = stream.last()[PLACED.order_id].customer

    await stream.hear(MARIA)

    assert without is None
    assert stream.last()[PLACED.order_id].customer is not None


@pytest.mark.parametrize("known", [True, False])
async def test_a_customer_who_comes_or_changes_while_an_order_is_told_is_right_in_the_last_word(
    stream: Stream, known: bool
) -> None:
    await stream.hear(*([MARIA] if known else []), LINE)
    stream.meanwhile = lambda: stream.hear(msgspec.structs.replace(MARIA, name="Mary", version=2))

    await stream.hear(PLACED)

    customer = stream.last()[PLACED.order_id].customer
    assert customer is not None
    assert customer.name == "Mary"


async def test_a_worker_that_died_before_it_told_tells_when_it_reads_the_chunk_again(stream: Stream) -> None:
    async def die() -> None:
        raise ConnectionError("killed")

    await stream.hear(MARIA, PLACED, LINE)
    stream.meanwhile = die
    with pytest.raises(ConnectionError):
        await stream.hear(deleted(MARIA))

    await stream.hear(deleted(MARIA))

    assert stream.last()[PLACED.order_id].customer is None


async def test_many_orders_are_told_anew_in_batches(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(republish, "MOST_AT_ONCE", 3)
    orders = [an_order(customer_id=MARIA.customer_id) for _ in range(10)]
    await stream.hear(MARIA, *orders, *map(a_line, orders))
    stream.told.clear()
    stream.batches.clear()

    await stream.hear(deleted(MARIA))

    assert stream.batches == [3, 3, 3, 1]
    assert {order.id for order in stream.told} == {order.order_id for order in orders}


async def test_a_deleted_order_leaves_nothing_of_its_customer_behind(database: Database, stream: Stream) -> None:
    home = written([HOME])
    await stream.hear(MARIA, msgspec.structs.replace(PLACED, delivery_addresses=home), LINE, deleted(PLACED))

    last = stream.last()[PLACED.order_id]
    assert (last.deleted, last.customer, last.lines) == (True, None, [])
    assert "Obere Str." not in await everything(database)


async def test_a_customer_who_is_deleted_while_an_order_is_told_is_not_in_the_last_word(stream: Stream) -> None:
    await stream.hear(MARIA, LINE)
    stream.meanwhile = lambda: stream.hear(deleted(MARIA))

    await stream.hear(PLACED)

    assert [order.customer is None for order in stream.told] == [True, False, True]


async def test_an_order_that_changes_while_its_customer_is_forgotten_has_its_newest_version_last(
    stream: Stream,
) -> None:
    await stream.hear(MARIA, PLACED, LINE)
    stream.told.clear()
    stream.meanwhile = lambda: stream.hear(msgspec.structs.replace(PLACED, version=2))

    await stream.hear(deleted(MARIA))

    assert [(order.version, order.customer) for order in stream.told] == [(2, None), (1, None), (2, None)]


async def test_an_order_is_told_with_its_addresses_as_placed_until_its_customer_is_erased(stream: Stream) -> None:
    elsewhere = an_address(address_id=HOME.address_id, street="Another", version=2)
    city = written([msgspec.structs.replace(HOME, **dict.fromkeys(("street", "number", "postal_code")))])
    erased = msgspec.structs.replace(PLACED, version=2, erased_at=PLACED.placed_at, delivery_addresses=city)

    await stream.hear(elsewhere, PLACED, LINE)
    placed = stream.last()[PLACED.order_id].lines[0].delivery_address
    await stream.hear(erased)
    after = stream.last()[PLACED.order_id].lines[0].delivery_address

    assert placed is not None
    assert after is not None
    assert (placed.street, placed.number, placed.city, placed.country) == ("Obere Str.", "57", "Berlin", "DE")
    assert (after.street, after.number, after.city, after.country) == (None, None, "Berlin", "DE")
