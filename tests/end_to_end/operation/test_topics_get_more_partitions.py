"""A live system gets more partitions while orders are placed. Runs last, as its name says: there is no way back."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from chassis.kafka.client import admin
from contracts.catalogue import CONSUMED, HEARTBEATS, TOPICS
from contracts.orders import ORDER
from local import supervisor
from local.programs import PROGRAMS
from oms import kafka
from oms.inspect.checks import consumer_groups
from oms.main import app
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_product, an_address, made
from tests.support.shop.orders_in_bulk import Source, orders_streaming
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

WORKERS = [program.name for program in PROGRAMS if program.command.endswith(".worker")]
AT_ONCE, NUMBER = 20, 7


async def test_orders_from_before_and_after_are_exact(system: dict[str, str]) -> None:
    customer = await a_customer()
    old = await _an_order()
    await eventually(assert_views_equal_mysql)

    async with orders_streaming(customer["id"], AT_ONCE) as source:
        await _more_orders(source)
        grown = await asyncio.to_thread(CliRunner().invoke, app, ["topics", "add-partitions", str(NUMBER)])
        for worker in WORKERS:
            os.kill(supervisor.states(system)[worker]["pid"], signal.SIGTERM)
        await _more_orders(source)

    assert grown.exit_code == 0, grown.output
    await eventually(assert_views_equal_mysql, timeout_s=180)
    await eventually(_every_partition_is_read)
    traced = await asyncio.to_thread(CliRunner().invoke, app, ["trace", old])
    assert traced.exit_code == 0, traced.output
    async with admin() as client:
        await _they_have(client, NUMBER)
    less = await asyncio.to_thread(CliRunner().invoke, app, ["topics", "add-partitions", "3"])
    assert (less.exit_code, less.output.split(":")[0]) == (
        1,
        "Kafka cannot remove partitions; these topics have more",
    )


async def _an_order() -> str:
    customer, product = await a_customer(), await a_product()
    address = await an_address(customer)
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    return str(order["id"])


async def _they_have(client: AIOKafkaAdminClient, number: int) -> None:
    present = await kafka.partitions(client)
    assert {len(present[name]) for topic in CONSUMED for name in (topic.name, topic.replay)} == {number}
    assert {len(present[topic.name]) for topic in TOPICS} == {number}
    assert {len(present[topic.name]) for topic in HEARTBEATS} == {1}


async def _every_partition_is_read() -> None:
    assert [finding.what for finding in await consumer_groups() if not finding.is_well] == []
    async with admin() as client:
        committed = await kafka.committed(client, "orders_stream")
    assert {place.partition for place in committed if place.topic == ORDER.name} == set(range(NUMBER))


async def _more_orders(source: Source) -> None:
    so_far = len(source.order_ids)
    await eventually(lambda: _at_least(so_far + 10 * AT_ONCE, source))


def _at_least(number: int, source: Source) -> None:
    assert len(source.order_ids) >= number
