"""A table changes while everything runs: the stream goes on, and a record of a shape from the future stops nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from chassis import addresses
from contracts.catalogue import CONSUMED
from contracts.customers import CUSTOMER
from contracts.orders import ORDER
from oms.inspect.dead_letters import OpenLetter, open_letters
from oms.inspect.order_trace import record_key
from oms.repair.replay import drop_letters
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, graphql, made
from tests.support.views import everywhere
from tests.support.views.comparison import assert_views_equal_mysql

pytestmark = pytest.mark.drill


async def test_a_column_is_added_while_rows_are_written() -> None:
    letters = await open_letters(CONSUMED)
    before = await a_customer(name="Before the column")

    async with AsyncExitStack() as until_it_is_dropped:
        async with _customers_being_made() as during:
            await eventually(lambda: _at_least(5, during))
            await until_it_is_dropped.enter_async_context(_a_column_more())
            so_far = len(during)
            await eventually(lambda: _at_least(so_far + 5, during))
        after = await a_customer(name="After the column")
        for customer in (before, after):
            set_it = "UPDATE customer SET loyalty = 'gold', last_name = 'Golden', version = version + 1"
            assert await by_hand("customers", f"{set_it} WHERE customer_id = %s", [customer["id"]]) == 1
        unknown = await a_customer(name="No level")

        await eventually(lambda: _is_shown(before["id"], "Golden"))
        await eventually(lambda: _is_shown(after["id"], "Golden"))
        await eventually(lambda: _is_shown(unknown["id"], "Trujillo"))
        assert len(await everywhere.on_topic(CUSTOMER, '"loyalty":"gold"')) == 2
    last = await a_customer(name="After it was dropped")
    await eventually(lambda: _is_shown(last["id"], "Trujillo"))
    await eventually(assert_views_equal_mysql)
    assert await open_letters(CONSUMED) == letters


async def test_a_column_that_may_be_null_is_dropped() -> None:
    letters = await open_letters(CONSUMED)
    customer = await a_customer()
    address = await an_address(customer, reference="Beside the park")
    await eventually(assert_views_equal_mysql)

    async with _address_without_reference(address["id"]):
        changed = "UPDATE address SET city = 'Lima', version = version + 1 WHERE address_id = %s"
        assert await by_hand("customers", changed, [address["id"]]) == 1
        await eventually(lambda: _address_is(customer["id"], {"city": "Lima", "reference": None}))

    await eventually(assert_views_equal_mysql)
    assert await open_letters(CONSUMED) == letters


@pytest.mark.parametrize(
    "future",
    [
        lambda row: {**row, "subtotal": {"amount": row["subtotal"], "currency": row["currency"]}},
        lambda row: {name: value for name, value in row.items() if name != "customer_id"},
        lambda row: {**row, "status": [row["status"]]},
        lambda row: {"schema": {"type": "struct"}, "payload": row},
    ],
    ids=["a number became an object", "a field is gone", "a text became a list", "in an envelope"],
)
async def test_a_record_of_a_shape_from_the_future_stops_nobody(future: Any) -> None:
    customer, product = await a_customer(), await a_product()
    address = await an_address(customer)
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    order = await made("orders", "/orders", {"customerId": customer["id"], "lines": lines})
    await eventually(lambda: _order_is(order["id"], "PLACED"))
    [row] = await rows_by_hand("orders", "SELECT * FROM `order` WHERE order_id = %s", [order["id"]])
    row = msgspec.json.decode(msgspec.json.encode(row | {"version": 1000}))
    assert ORDER.decoder()(msgspec.json.encode(row)), "as it is today, it could be read"

    await _send_as_connect(order["id"], future(row))
    async with client("orders") as http:
        confirmed = await http.post(
            f"/orders/{order['id']}/confirm", headers={**a_key(), "If-Match": f'"{order["version"]}"'}
        )
    assert confirmed.status_code == 200, confirmed.text

    await eventually(lambda: _order_is(order["id"], "CONFIRMED"))
    letters = await eventually(lambda: _letters_of(order["id"]))
    assert all("ValidationError" in each.letter.reason for each in letters)
    await eventually(assert_views_equal_mysql)
    await drop_letters(letters)


@asynccontextmanager
async def _a_column_more() -> AsyncIterator[None]:
    await by_hand("customers", "ALTER TABLE customer ADD COLUMN loyalty VARCHAR(20) NULL AFTER name")
    try:
        yield
    finally:
        await by_hand("customers", "ALTER TABLE customer DROP COLUMN loyalty")


@asynccontextmanager
async def _customers_being_made() -> AsyncIterator[list[dict[str, Any]]]:
    taken: list[dict[str, Any]] = []

    async def make() -> None:
        while True:
            taken.append(await a_customer(name="During the change"))

    making = asyncio.create_task(make())
    try:
        yield taken
        assert not making.done(), making.exception()
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


@asynccontextmanager
async def _address_without_reference(changed: str) -> AsyncIterator[None]:
    """Inside the block there is no such column; afterwards it holds what it held, but for the address that changed."""
    kept = await rows_by_hand("customers", "SELECT address_id, reference FROM address WHERE reference IS NOT NULL")
    await by_hand("customers", "ALTER TABLE address DROP COLUMN reference")
    try:
        yield
    finally:
        await by_hand("customers", "ALTER TABLE address ADD COLUMN reference VARCHAR(200) NULL AFTER department")
        for row in kept:
            if row["address_id"] != changed:
                values = [row["reference"], row["address_id"]]
                await by_hand("customers", "UPDATE address SET reference = %s WHERE address_id = %s", values)


async def _send_as_connect(order_id: str, value: Any) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=addresses.address("kafka"))
    await producer.start()
    try:
        key = record_key(ORDER, UUID(order_id))
        await producer.send_and_wait(ORDER.name, msgspec.json.encode(value), key=key)
    finally:
        await producer.stop()


async def _letters_of(order_id: str) -> list[OpenLetter]:
    """One of each consumer of orders."""
    found = [each for each in await open_letters([ORDER]) if order_id.encode() in (each.letter.key or b"")]
    assert sorted(each.letter.consumer for each in found) == ["inventory", "orders_stream"]
    return found


def _at_least(number: int, taken: list[Any]) -> None:
    assert len(taken) >= number


async def _is_shown(customer_id: str, last_name: str) -> None:
    shown = await graphql("query ($id: ID!) { customer(id: $id) { lastName } }", id=customer_id)
    assert shown["customer"] == {"lastName": last_name}


async def _address_is(customer_id: str, expected: dict[str, Any]) -> None:
    query = "query ($id: ID!) { customer(id: $id) { addresses { city reference } } }"
    shown = await graphql(query, id=customer_id)
    assert shown["customer"]["addresses"] == [expected]


async def _order_is(order_id: str, status: str) -> None:
    shown = await graphql("query ($id: ID!) { order(id: $id) { status } }", id=order_id)
    assert shown["order"] is not None
    assert shown["order"]["status"] == status
