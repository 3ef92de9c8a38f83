"""What `orders-graph` says, beside what the read model says."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.kafka.client import admin, reader, records_between
from contracts.orders import ORDERS_GRAPH, OrderGraph
from oms import kafka
from orders_stream import documents
from orders_stream.settings import read_model

Orders = dict[UUID, OrderGraph]


async def assert_told_as_joined() -> None:
    """Who keeps the highest version of each order on the topic knows exactly what the read model says.

    A read model that was filled anew need not have an order that was deleted before: its lines may have been gone
    before they were read.
    """
    (known, _), expected = await told(), await joined()
    known = {id: order for id, order in known.items() if id in expected or not order.deleted}
    assert known.keys() == expected.keys(), "orders-graph"
    assert [each.id for each in expected.values() if known[each.id] != each] == [], "orders-graph"


async def assert_last_word_is_the_read_model(order_ids: Sequence[str]) -> None:
    """Of these orders the last record on the topic is what the read model shows.

    There is a last one where all records of an order are in one partition, so not after partitions were added.
    """
    (_, last), expected = await told(), await joined()
    ids = [UUID(each) for each in order_ids]
    assert [each for each in ids if last.get(each) != expected[each]] == [], "orders-graph"


async def joined() -> Orders:
    """What the read model says of every order."""
    database = read_model()
    try:
        async with database.connection() as connection:
            orders = [row["order_id"] for row in await connection.fetch("SELECT order_id FROM sales_order")]
            return {each.id: each for each in (await documents.read(connection, orders)).newest}
    finally:
        await database.close()


async def told() -> tuple[Orders, Orders]:
    """The highest version of each order on the topic, of equal ones the later; and the last word of its partition.

    After partitions were added an order may be in two of them: then the time says which is later.
    """
    decode = ORDERS_GRAPH.decoder()
    async with admin() as client:
        numbers = (await kafka.partitions(client))[ORDERS_GRAPH.name]
    places = kafka.each_partition({ORDERS_GRAPH.name: numbers})
    highest: dict[UUID, tuple[int, int, OrderGraph]] = {}
    last: Orders = {}
    async with reader() as consumer:
        starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        async for record in records_between(consumer, starts, ends):
            order = decode(record.value or b"")
            last[order.id] = order
            found = (order.version, record.timestamp, order)
            if order.id not in highest or highest[order.id][:2] <= found[:2]:
                highest[order.id] = found
    return {id: order for id, (_, _, order) in highest.items()}, last
