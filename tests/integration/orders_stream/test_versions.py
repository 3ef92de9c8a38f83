"""Every whole version of an order is published, in order: whatever the chunks are, and wherever a worker dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.chunks.batch import Batch
from chassis.databases.migrations import migrate_postgres
from chassis.databases.postgres import Database
from contracts.customers import CUSTOMER, CustomerRow
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderGraph, OrderRow, OrderStatus
from contracts.rows import Row
from contracts.topics import Topic
from gateway.live.versions import Versions
from orders_stream.agents import join_orders, project_customers
from orders_stream.settings import MIGRATIONS, read_model
from tests.support.shop.rows import a_batch, a_customer, a_line, an_order

STATUSES = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class Version(NamedTuple):
    """What one transaction in MySQL writes of an order."""

    row: OrderRow
    lines: list[OrderDetailRow]


class Died(Exception):
    """The worker was killed."""


def a_history(customer: CustomerRow, changes: Sequence[str], lines: int = 2) -> list[Version]:
    """An order that is placed, and what becomes of it: it moves on, its lines change, it is deleted."""
    row = an_order(customer_id=customer.customer_id, line_count=lines)
    history = [Version(row, [a_line(row, number) for number in range(1, lines + 1)])]
    moves = iter(STATUSES * len(changes))
    for change in changes:
        row = msgspec.structs.replace(row, version=row.version + 1)
        if change == "deleted":
            history.append(Version(msgspec.structs.replace(row, version=row.version - 1, is_deleted=True), []))
            break
        if change == "lines":
            row = msgspec.structs.replace(row, lines_version=row.lines_version + 1, line_count=1)
            history.append(Version(row, [a_line(row)]))
        else:
            row = msgspec.structs.replace(row, status=next(moves))
            history.append(Version(row, []))
    return history


class Stream:
    """The two topics, a worker that reads them, and a gateway that hears what is published."""

    def __init__(self, database: Database, customer: CustomerRow, transactions: Sequence[Version]) -> None:
        self.customer = customer
        self.orders = [version.row for version in transactions]
        self.lines = [line for version in transactions for line in version.lines]
        self.versions = {(each.row.order_id, each.row.newest_version): each for each in transactions}
        self.published: list[OrderGraph] = []
        self.told: list[OrderGraph] = []
        self.whole: set[tuple[UUID, int]] = set()
        """Versions that must be told: they were whole before a deletion of their order can have been written."""
        self.with_lines: set[tuple[UUID, int]] = set()
        """Versions that may be told: their lines came, if only after the deletion."""
        self.done = [0, 0]
        self.fresh: set[tuple[UUID, int]] = set()
        self.written = 0
        """Rows of orders that some transaction may have written, whatever became of its process then."""
        self.committed = [0, 0]
        self._gateway = Versions(1, 1000)
        self._database = database
        self._start()

    def _start(self) -> None:
        """A new process, which knows nothing of what the last one did."""
        self._join = join_orders(self._database, self._publish)
        self._customers = project_customers(self._database, self._publish)
        self.before_publishing: Callable[[Sequence[OrderGraph]], Awaitable[None]] | None = None

    @property
    def is_read(self) -> bool:
        return self.done == [len(self.orders), len(self.lines)]

    async def _publish(self, orders: Sequence[OrderGraph]) -> None:
        before, self.before_publishing = self.before_publishing, None
        if before:
            await before(orders)
        self._take(orders)

    def _take(self, orders: Sequence[OrderGraph]) -> None:
        for order in orders:
            if self._gateway.is_new(0, len(self.published), order.id, order.version):
                self.told.append(order)
            self.published.append(order)

    async def read(self, orders: int, lines: int) -> None:
        """Take so many more rows of each topic in, as one batch."""
        end = [min(self.done[0] + orders, len(self.orders)), min(self.done[1] + lines, len(self.lines))]
        batch = self._batch(end)
        if batch is not None:
            self.fresh = self._note_whole(end)
            self.written = max(self.written, end[0])
            await self._join(batch)
            self.done = end

    def _batch(self, end: list[int]) -> Batch | None:
        rows = self.orders[self.done[0] : end[0]], self.lines[self.done[1] : end[1]]
        topics: list[tuple[Topic[Any], Sequence[Row]]] = [(ORDER, rows[0]), (ORDER_DETAIL, rows[1])]
        batches = [
            a_batch(topic, some, first_offset=first)
            for (topic, some), first in zip(topics, self.done, strict=True)
            if some
        ]
        if len(batches) == 2:
            return replace(batches[0], beside=batches[1])
        return batches[0] if batches else None

    def _gone(self) -> set[UUID]:
        return {row.order_id for row in self.orders[: self.written] if row.is_deleted}

    def _note_whole(self, end: list[int]) -> set[tuple[UUID, int]]:
        """Note which versions are whole now. A deletion waits for nobody: what was not whole before need not be told.

        Returns those that are no deletions.
        """
        gone = self._gone()
        fresh: set[tuple[UUID, int]] = set()
        lines = {line.order_detail_id for line in self.lines[: end[1]]}
        for row in self.orders[: end[0]]:
            of_this = [each for each in self.lines if each.order_id == row.order_id]
            its_lines = {each.order_detail_id for each in of_this if each.lines_version == row.lines_version}
            version = (row.order_id, row.newest_version)
            if row.is_deleted or its_lines <= lines:
                self.with_lines.add(version)
                if row.is_deleted or row.order_id not in gone:
                    self.whole.add(version)
                    fresh |= set() if row.is_deleted else {version}
        return fresh

    async def customer_changes(self, version: int) -> None:
        await self._customers(a_batch(CUSTOMER, [msgspec.structs.replace(self.customer, version=version)]))

    def commit(self, topics: Sequence[bool]) -> None:
        """Let the group's offsets on these topics be what is done."""
        self.committed = [
            max(done, at) if is_there else at
            for done, at, is_there in zip(self.done, self.committed, topics, strict=True)
        ]

    def die(self) -> None:
        """Begin again from what was committed of each topic."""
        self.done = list(self.committed)
        self._start()

    def dies_after(self, number: int) -> None:
        """The worker is killed when so many documents have reached the broker."""

        async def die(orders: Sequence[OrderGraph]) -> None:
            self._take(orders[:number])
            raise Died

        self.before_publishing = die

    def is_overtaken(self, orders: int, lines: int) -> None:
        """The worker stands still before it publishes, while another one reads from what was committed."""

        async def overtake(_: Sequence[OrderGraph]) -> None:
            before, self.done, fresh = self.done, list(self.committed), self.fresh
            join, self._join = self._join, join_orders(self._database, self._publish)
            await self.read(orders, lines)
            await self.read(orders, lines)
            self._join, self.done = join, before
            gone = self._gone()  # maybe before what this one was about to write
            self.whole -= {version for version in fresh if version[0] in gone} - {(o.id, o.version) for o in self.told}

        self.before_publishing = overtake

    async def shown(self) -> dict[UUID, int]:
        """The version of each of the orders in the read model."""
        rows = await self._rows_of("SELECT order_id, version FROM sales_order WHERE order_id = ANY($1::uuid[])")
        return {row["order_id"]: row["version"] for row in rows}

    async def waiting(self) -> list[asyncpg.Record]:
        """The rows of these orders that still wait, without lines of deleted orders."""
        return await self._rows_of("""
            SELECT w.* FROM incomplete_order AS w LEFT JOIN sales_order AS o USING (order_id)
            WHERE w.order_id = ANY($1::uuid[]) AND (w.topic = 'order' OR NOT coalesce(o.deleted, false))
        """)

    async def _rows_of(self, statement: str) -> list[asyncpg.Record]:
        async with self._database.connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, [row.order_id for row in self.orders])
        return rows

    def assert_each_whole_version_was_told_once_in_order(self) -> None:
        told = [(order.id, order.version) for order in self.told]
        assert len(told) == len(set(told))
        assert self.whole <= set(told) <= self.with_lines
        for order_id in {row.order_id for row in self.orders}:
            versions = [version for each, version in told if each == order_id]
            assert versions == sorted(versions)
        for order in self.told:
            version = self.versions[order.id, order.version]
            of_this = [line for each in self.versions.values() for line in each.lines if line.order_id == order.id]
            lines = [line for line in of_this if line.lines_version == version.row.lines_version]
            expected = [] if order.deleted else [line.order_detail_id for line in lines]
            assert (order.deleted, order.status) == (version.row.is_deleted, version.row.status)
            assert [line.id for line in order.lines] == expected


@asynccontextmanager
async def streaming(customer: CustomerRow, rows: Sequence[Version]) -> AsyncIterator[Stream]:
    """A stream of orders that nobody else has."""
    database = read_model()
    try:
        async with database.connection() as connection:
            await migrate_postgres(connection, MIGRATIONS)
            await connection.execute("DELETE FROM publishing")
        yield Stream(database, customer, rows)
    finally:
        await database.close()


changes = st.lists(st.sampled_from(["moved", "moved", "lines", "deleted"]), max_size=5)
amounts = st.integers(0, 6)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("read"), amounts, amounts),
        st.tuples(st.just("dies"), amounts, amounts, st.integers(0, 4)),
        st.tuples(st.just("is overtaken"), amounts, amounts, amounts, amounts),
        st.tuples(st.just("customer changes")),
        st.tuples(st.just("commits"), st.booleans(), st.booleans()),
    ),
    max_size=12,
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[CustomerRow, list[Version]]:
    """A customer, and what MySQL committed of some of their orders, one among the other."""
    customer = a_customer()
    of_orders = [a_history(customer, draw(changes), draw(st.integers(0, 2))) for _ in range(draw(st.integers(1, 3)))]
    order = draw(st.permutations([number for number, history in enumerate(of_orders) for _ in history]))
    waiting = [iter(history) for history in of_orders]
    return customer, [next(waiting[number]) for number in order]


async def play(customer: CustomerRow, rows: list[Version], plan: list[tuple[Any, ...]]) -> None:
    async with streaming(customer, rows) as stream:
        for number, step in enumerate(plan, 2):
            match step:
                case ("read", orders, lines):
                    await stream.read(orders, lines)
                case ("dies", orders, lines, after):
                    stream.dies_after(after)
                    try:
                        await stream.read(orders, lines)
                    except Died:
                        pass
                    stream.die()
                case ("is overtaken", orders, lines, *further):
                    stream.is_overtaken(*further)
                    await stream.read(orders, lines)
                    stream.before_publishing = None
                case ("customer changes",):
                    await stream.customer_changes(number)
                case ("commits", *topics):
                    stream.commit(topics)
        await stream.read(len(stream.orders), len(stream.lines))
        await stream.customer_changes(99)

        assert stream.is_read
        stream.assert_each_whole_version_was_told_once_in_order()
        assert {order.id: order.version for order in stream.published} == await stream.shown()
        assert await stream.waiting() == []


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), steps)
def test_each_whole_version_is_told_once_in_order(
    history: tuple[CustomerRow, list[Version]], plan: list[tuple[Any, ...]]
) -> None:
    asyncio.run(play(*history, plan))
