"""What `orders-graph` says, beside what the read model says."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.kafka import admin
from contracts.orders_graph import ORDERS_GRAPH, OrderGraph
from oms import kafka
from orders_stream import repository
from orders_stream.settings import read_model

Orders = dict[UUID, OrderGraph]


async def assert_graph_is_the_read_model(order_ids: Sequence[str], *, has_one_place_for_each: bool = True) -> None:
    """Of these orders the topic's highest version, and its last word too, are what the read model shows.

    There is a last word where all records of an order are in one partition, so not after partitions were added.
    """
    ids = [UUID(each) for each in order_ids]
    highest, last = await told(set(ids))
    database = read_model()
    try:
        async with database.connection() as connection:
            shown = {order.id: order for order in await repository.whole_orders(connection, ids)}
    finally:
        await database.close()
    assert highest.keys() == shown.keys()
    assert [each.id for each in shown.values() if highest[each.id] != each] == []
    assert not has_one_place_for_each or [each.id for each in shown.values() if last[each.id] != each] == []


async def told(ids: set[UUID]) -> tuple[Orders, Orders]:
    """The highest version of each of these orders on the topic, of equal ones the later; and the last one."""
    decode = ORDERS_GRAPH.decoder()
    async with admin() as client:
        numbers = (await kafka.partitions(client))[ORDERS_GRAPH.name]
    places = kafka.each_partition({ORDERS_GRAPH.name: numbers})
    highest: Orders = {}
    last: Orders = {}
    async with kafka.reader() as consumer:
        starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        async for record in kafka.records_between(consumer, starts, ends):
            order = decode(record.value or b"")
            if order.id in ids:
                last[order.id] = order
                if order.id not in highest or highest[order.id].version <= order.version:
                    highest[order.id] = order
    return highest, last
