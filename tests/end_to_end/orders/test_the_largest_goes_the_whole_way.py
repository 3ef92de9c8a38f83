"""The largest customer, address, product and order that are taken go the whole way, and what comes behind them too."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis.kafka.client import admin, reader, records_between
from connectors.connect_api import Connect
from connectors.registration import register_all
from contracts.catalogue import CONSUMED
from contracts.orders import ORDER
from contracts.sizes import ADDRESSES_BYTES, MOST_LINES, bytes_in_a_row
from oms import kafka
from oms.inspect.dead_letters import open_letters
from oms.prepare.topics import create_topics
from products.categories.limits import MOST_CATEGORIES_OF_PRODUCT
from tests.support.eventually import eventually
from tests.support.gateway.graph import told
from tests.support.shop import largest
from tests.support.shop.builders import a_key, a_product, client, graphql, made
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill

SEEN = """
query ($id: ID!, $sku: String!, $customer: ID!) {
  order(id: $id) { version status customer { name } lines { productName deliveryAddress { street city } } }
  product(sku: $sku) { name description categories { name } }
  customer(id: $customer) { name company }
}
"""
FOUND = "query ($text: String!) { products(text: $text) { nodes { sku } } }"
FULL_OF_EMOJI = 190
"""As many addresses full of letters beyond the BMP fit into one order."""


@pytest.mark.parametrize("kind", ["of three bytes", "beyond the BMP", "quotes"])
async def test_it_is_seen_everywhere_moves_on_and_is_erased(kind: str) -> None:
    letter, letters = largest.LETTERS[kind], await open_letters(CONSUMED)
    customer = await made("customers", "/customers", largest.customer(letter))
    categories = largest.categories(letter)
    for each in categories:
        await made("products", "/categories", each)
    product = await made("products", "/products", largest.product(letter, categories))
    addresses = await _addresses(
        customer, [largest.address(letter)] * (FULL_OF_EMOJI if letter == "😀" else MOST_LINES)
    )

    order = await _placed(customer, largest.lines(product["sku"], addresses))
    same = await _placed(customer, largest.lines(product["sku"], addresses[:1]))

    for each in (order, same):
        await eventually(partial(_is_seen, each, customer, product))
    record = await _its_record(order)
    assert len(_addresses_text(record)) == bytes_in_a_row(ORDER.decoder()(record).delivery_addresses)
    await _do(order, "confirm", 1)
    await _do(order, "cancel", 2, {"reason": letter * largest.LINE})
    await eventually(lambda: _has(order, version=3, status="CANCELLED"))
    await _delete(customer)
    await eventually(lambda: _has(order, version=4, status="CANCELLED"))
    await eventually(lambda: _has(same, version=2, status="PLACED"))
    await eventually(assert_views_equal_mysql)
    await eventually(lambda: _nobody_is_told(order, same))
    assert await open_letters(CONSUMED) == letters


async def test_one_byte_more_than_an_order_may_have_is_refused() -> None:
    customer = await made("customers", "/customers", largest.customer("é"))
    sku = (await a_product())["sku"]
    fitting = await _addresses(customer, largest.full(ADDRESSES_BYTES))
    more = await _addresses(customer, largest.full(ADDRESSES_BYTES + 1))

    refused = await _place(customer, largest.lines(sku, more))
    order = await _placed(customer, largest.lines(sku, fitting))
    changed = await _change_lines(order, largest.lines(sku, more))

    for answer in (refused, changed):
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:oms:problem:order-too-large"
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == "#/lines"
        assert f"{ADDRESSES_BYTES + 1:,} bytes" in fault["detail"]
        assert fault["detail"].endswith(f"{ADDRESSES_BYTES:,}")
    await eventually(lambda: _has(order, version=1, status="PLACED"))
    assert len(_addresses_text(await _its_record(order))) <= ADDRESSES_BYTES


async def test_a_system_with_former_settings_is_brought_up_to_date() -> None:
    customer = await made("customers", "/customers", largest.customer("ж"))
    sku = (await a_product())["sku"]
    addresses = await _addresses(customer, [largest.address("ж")] * MOST_LINES)
    await _with_the_former_settings()

    order = await _placed(customer, largest.lines(sku, addresses))
    await eventually(_the_connector_failed)
    made_topics, changed = await create_topics()
    registered = await register_all()

    assert (made_topics, changed, registered) == ([], [ORDER.name], ["oms-orders"])
    await eventually(lambda: _has(order, version=1, status="PLACED"))


async def _with_the_former_settings() -> None:
    """The topic of orders and its connector as they were before there were sizes."""
    topic = {name: value for name, value in ORDER.settings.items() if name != "max.message.bytes"}
    async with admin() as broker:
        await broker.alter_configs([ConfigResource(ConfigResourceType.TOPIC, ORDER.name, topic)])
    connect = Connect()
    try:
        present = await connect.configuration("oms-orders")
        assert present is not None
        former = {name: value for name, value in present.items() if not name.startswith("producer.")}
        await connect.configure("oms-orders", former)
    finally:
        await connect.close()


async def _the_connector_failed() -> None:
    connect = Connect()
    try:
        [task] = (await connect.status("oms-orders"))["tasks"]
    finally:
        await connect.close()
    assert "RecordTooLargeException" in task.get("trace", "")


async def _addresses(customer: dict[str, Any], bodies: list[dict[str, Any]]) -> list[str]:
    """The ids of these addresses, which the customer has from now on."""
    some = asyncio.Semaphore(8)
    async with client("customers") as http:

        async def make(body: dict[str, Any]) -> str:
            async with some:
                answer = await http.post(f"/customers/{customer['id']}/addresses", json=body, headers=a_key())
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        return await asyncio.gather(*map(make, bodies))


async def _place(customer: dict[str, Any], lines: list[dict[str, Any]]) -> httpx.Response:
    """What the service answers once it knows all that the lines refer to."""

    async def answered() -> httpx.Response:
        async with client("orders") as http:
            answer = await http.post("/orders", json={"customerId": customer["id"], "lines": lines}, headers=a_key())
        assert answer.status_code != 503, answer.text
        return answer

    answer: httpx.Response = await eventually(answered)
    return answer


async def _placed(customer: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    answer = await _place(customer, lines)
    assert answer.status_code == 201, answer.text[:1000]
    order: dict[str, Any] = answer.json()
    return order


async def _change_lines(order: dict[str, Any], lines: list[dict[str, Any]]) -> httpx.Response:
    async with client("orders") as http:
        return await http.patch(f"/orders/{order['id']}/lines", json={"lines": lines}, headers={"If-Match": '"1"'})


async def _do(order: dict[str, Any], command: str, version: int, body: dict[str, Any] | None = None) -> None:
    async with client("orders") as http:
        answer = await http.post(
            f"/orders/{order['id']}/{command}", json=body, headers={**a_key(), "If-Match": f'"{version}"'}
        )
    assert answer.status_code == 200, answer.text[:1000]


async def _delete(customer: dict[str, Any]) -> None:
    async with client("customers") as http:
        answer = await http.delete(f"/customers/{customer['id']}", headers={"If-Match": '"1"'})
    assert answer.status_code == 204, answer.text


async def _is_seen(order: dict[str, Any], customer: dict[str, Any], product: dict[str, Any]) -> None:
    seen = await graphql(SEEN, id=order["id"], sku=product["sku"], customer=customer["id"])
    assert seen["order"] is not None
    assert seen["order"]["customer"] == {"name": customer["name"]}
    assert {line["productName"] for line in seen["order"]["lines"]} == {product["name"]}
    assert seen["order"]["lines"][-1]["deliveryAddress"]["street"] == product["name"]
    assert {name: seen["product"][name] for name in ("name", "description")} == {
        name: product[name] for name in ("name", "description")
    }
    assert len(seen["product"]["categories"]) == len(product["categories"]) == MOST_CATEGORIES_OF_PRODUCT
    assert seen["customer"]["company"] == customer["company"]
    found = await graphql(FOUND, text=product["sku"])
    assert [each["sku"] for each in found["products"]["nodes"]] == [product["sku"]]


async def _has(order: dict[str, Any], **expected: Any) -> None:
    seen = (await graphql("query ($id: ID!) { order(id: $id) { version status } }", id=order["id"]))["order"]
    assert seen == expected


async def _its_record(order: dict[str, Any]) -> bytes:
    """The first record of the order's row."""
    async with admin() as broker:
        places = kafka.each_partition({ORDER.name: (await kafka.partitions(broker))[ORDER.name]})
    async with reader() as consumer:
        starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        async for record in records_between(consumer, starts, ends):
            if order["id"].encode() in record.key:
                value: bytes = record.value
                return value
    raise AssertionError(f"order {order['id']} has no record")


def _addresses_text(record: bytes) -> bytes:
    """The delivery addresses in a record, as Connect writes them."""
    _, _, text = record.partition(b'"delivery_addresses":"')
    return re.match(rb'(?:[^"\\]|\\.)*', text)[0]  # type: ignore[index]


async def _nobody_is_told(*orders: dict[str, Any]) -> None:
    """The last word on `orders-graph` names nobody, and says no more of a place than its city, region and country."""
    _, last = await told()
    for order in orders:
        document = last[UUID(order["id"])]
        assert document.customer is None
        assert {line.delivery_address.street for line in document.lines if line.delivery_address} == {None}
