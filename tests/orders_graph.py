"""`orders-graph` as a reader of it sees the orders, beside what the read model says."""

from __future__ import annotations

from uuid import UUID

from chassis.kafka import admin
from contracts.orders_graph import ORDERS_GRAPH, OrderGraph
from oms import kafka
from orders_stream import repository
from orders_stream.settings import read_model


async def told() -> dict[UUID, OrderGraph]:
    """What a reader knows who keeps the highest version of each order, and of two with the same the later one."""
    decode = ORDERS_GRAPH.decoder()
    known: dict[UUID, OrderGraph] = {}
    async with admin() as client, kafka.reader() as consumer:
        places = kafka.each_partition({ORDERS_GRAPH.name: (await kafka.partitions(client))[ORDERS_GRAPH.name]})
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        async for record in kafka.records_between(consumer, begins, ends):
            order = decode(record.value)
            if order.id not in known or known[order.id].version <= order.version:
                known[order.id] = order
    return known


async def joined() -> dict[UUID, OrderGraph]:
    """What the read model says of every order."""
    database = read_model()
    try:
        async with database.connection() as connection:
            orders = [row["order_id"] for row in await connection.fetch("SELECT order_id FROM shown_order")]
            return {each.order.id: each.order for each in await repository.whole_orders(connection, orders)}
    finally:
        await database.close()


async def assert_told_as_joined() -> None:
    """Who reads `orders-graph` knows exactly what the read model says."""
    expected, known = await joined(), await told()
    assert known.keys() == expected.keys(), "orders-graph"
    assert {id: each for id, each in known.items() if each != expected[id]} == {}, "orders-graph"
