"""A compacted topic has gaps and tombstones: a view that is filled from it ends as MySQL, with nothing unread."""

from __future__ import annotations

import pytest

from chassis.kafka.client import admin, reader, records_between
from contracts.customers import CUSTOMER
from oms import kafka
from oms.inspect.checks import consumer_groups
from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer
from tests.support.system.compacting import compacted_at_once
from tests.support.system.dropping import drop_the_read_model
from tests.support.views.comparison import assert_views_came_back, assert_views_equal_mysql

pytestmark = pytest.mark.drill

CHANGES = 20


@pytest.mark.timeout(900)  # the broker compacts when it comes to it
async def test_a_view_is_filled_from_a_topic_with_gaps() -> None:
    ids = [(await a_customer())["id"] for _ in range(10)]
    for number in range(CHANGES):
        change = f"UPDATE customer SET name = 'Change {number}', version = version + 1 WHERE customer_id = %s"
        for customer_id in ids:
            await by_hand("customers", change, [customer_id])
    for customer_id in ids[:5]:
        await by_hand("customers", "DELETE FROM customer WHERE customer_id = %s", [customer_id])
    await eventually(assert_views_equal_mysql)

    async with compacted_at_once():
        await eventually(_most_is_compacted_away, timeout_s=300)
    await drop_the_read_model()
    await a_customer()

    await eventually(assert_views_came_back)
    await eventually(_all_is_committed)


async def _most_is_compacted_away() -> None:
    await a_customer()  # a segment can be cleaned once a later record has closed it
    async with admin() as client:
        numbers = (await kafka.partitions(client))[CUSTOMER.name]
    places = kafka.each_partition({CUSTOMER.name: numbers})
    async with reader() as consumer:
        starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        there = [record async for record in records_between(consumer, starts, ends)]
    assert len(there) < sum(ends[place] for place in places) - CHANGES * 5


async def _all_is_committed() -> None:
    assert [finding.what for finding in await consumer_groups() if not finding.is_well] == []
