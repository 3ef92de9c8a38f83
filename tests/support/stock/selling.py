"""The whole system with inventory that decides about orders: a store has units, orders are confirmed or rejected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiokafka import ConsumerRecord, TopicPartition

from chassis import settings
from chassis.databases.mysql import Database
from chassis.kafka.client import partitions_of, reader
from chassis.kafka.offsets import Offset, Offsets
from contracts.inventory.availability import AVAILABILITY
from contracts.inventory.reservations import RESERVATION
from contracts.inventory.sourcing import SOURCING
from contracts.stores import ALLOCATION, STOCK
from inventory.settings import SAFETY_MARGIN
from reconciliation.stock.verifying import verify
from reconciliation.stock.violations import Violation
from tests.support.by_hand import by_hand, rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, posted
from tests.support.shop.on_topics import put_raw

Order = dict[str, Any]

STORE = "seattle"

STOCK_TOPICS = (RESERVATION, ALLOCATION, STOCK, SOURCING)
"""The topics of the saga, beside those of orders."""

NEVER = "9999-01-01"

BEGIN = "UPDATE sourcing_start SET sourcing_since = %s"
BEGIN_SHIPPING = "UPDATE shipping_start SET shipping_since = %s"


async def source_no_orders() -> None:
    """Let inventory leave new orders alone: tests of other things have no stock, and their orders would be rejected."""

    async def is_begun() -> None:
        assert await rows_by_hand("inventory", "SELECT 1 FROM sourcing_start")

    await eventually(is_begun)
    await by_hand("inventory", BEGIN, [NEVER])


async def ship_no_orders() -> None:
    """Let shipping leave new orders alone: tests of other things ship their orders by hand."""

    async def is_begun() -> None:
        assert await rows_by_hand("shipping", "SELECT 1 FROM shipping_start")

    await eventually(is_begun)
    await by_hand("shipping", BEGIN_SHIPPING, [NEVER])


@asynccontextmanager
async def orders_are_shipped() -> AsyncIterator[None]:
    """Shipping plans the orders that are confirmed while the block runs."""
    await by_hand("shipping", BEGIN_SHIPPING, ["2000-01-01"])
    try:
        yield
    finally:
        await by_hand("shipping", BEGIN_SHIPPING, [NEVER])


@asynccontextmanager
async def orders_are_sourced() -> AsyncIterator[None]:
    """Inventory decides about the orders that are placed while the block runs.

    Afterwards it has decided about none, so that orders of other tests are confirmed by hand.
    """

    async def are_forgotten() -> None:
        assert not await rows_by_hand("orders", "SELECT 1 FROM replica_sourcing WHERE NOT deleted")

    [row] = await rows_by_hand("inventory", "SELECT UTC_TIMESTAMP(3) AS moment")
    await by_hand("inventory", BEGIN, [row["moment"]])
    try:
        yield
    finally:
        await by_hand("inventory", BEGIN, [NEVER])
        await all_processed()
        await by_hand("inventory", "DELETE FROM sourcing")
        await eventually(are_forgotten)


class Shop:
    """A customer who buys units of one SKU, of which the store has some beyond the safety margin."""

    def __init__(self, customer: dict[str, Any], address: dict[str, Any], sku: str) -> None:
        self.customer, self.address, self.sku = customer, address, sku

    async def place(self, *quantities: int, sku: str | None = None, **members: Any) -> Order:
        """Place an order with a line for each of these quantities. Returns it once inventory has decided about it."""
        lines = [
            {"sku": sku or self.sku, "quantity": each, "deliveryAddressId": self.address["id"]} for each in quantities
        ]
        body = {"customerId": self.customer["id"], "lines": lines, **members}
        async with client("orders") as http:
            answer = await posted(http, "/orders", body, a_key() | {"Prefer": "wait=10"})
        assert answer.status_code == 201, answer.text
        return await decided(answer.json())

    async def reserve(self, quantity: int) -> httpx.Response:
        """Reserve units for a cart."""
        async with client("inventory") as http:
            body = {"lines": [{"sku": self.sku, "quantity": quantity}]}
            return await posted(http, "/reservations", body)

    async def sell(self, units: int) -> httpx.Response:
        """Sell units at the till, or receive them if there are fewer than 0."""
        async with client(f"store_{STORE}") as http:
            body = {"sku": self.sku, "delta": -units, "reason": "sold" if units > 0 else "received"}
            return await posted(http, f"/stores/{STORE}/stock-movements", body)

    async def shelf(self) -> dict[str, Any]:
        """The stock of the SKU, as the store has it."""
        rows = await rows_by_hand(f"store_{STORE}", "SELECT * FROM stock WHERE sku = %s", [self.sku])
        return rows[0]

    async def availability(self) -> dict[str, Any]:
        """The availability of the SKU, as inventory has it."""
        rows = await rows_by_hand("inventory", "SELECT * FROM availability WHERE sku = %s", [self.sku])
        assert rows
        return rows[0]

    async def has(self, *, on_hand: int, committed: int, reserved: int = 0) -> None:
        """Return once the store and inventory have these units."""

        async def have() -> None:
            shelf, known = await self.shelf(), await self.availability()
            assert (shelf["on_hand"], shelf["committed"]) == (on_hand, committed)
            assert known["stock_version"] == shelf["version"]
            assert (known["on_hand"], known["committed"], known["reserved"]) == (on_hand, committed, reserved)

        await eventually(have)


async def received(sku: str, units: int) -> None:
    """Bring units of a SKU into the store. Returns once inventory knows of them."""
    async with client(f"store_{STORE}") as http:
        body = {"sku": sku, "delta": units, "reason": "received"}
        answer = await posted(http, f"/stores/{STORE}/stock-movements", body)
    assert answer.status_code == 201, answer.text
    stock = answer.json()["stock"]

    async def is_known() -> None:
        rows = await rows_by_hand("inventory", "SELECT stock_version FROM availability WHERE sku = %s", [sku])
        assert [row for row in rows if row["stock_version"] >= stock["version"]]

    await eventually(is_known)


async def a_shop(units: int) -> Shop:
    """A new SKU of which inventory may promise so many units."""
    customer, product = await asyncio.gather(a_customer(), a_product())
    shop = Shop(customer, await an_address(customer), product["sku"])
    received = await shop.sell(-units - SAFETY_MARGIN)
    assert received.status_code == 201, received.text
    await shop.has(on_hand=units + SAFETY_MARGIN, committed=0)
    return shop


async def decided(order: Order) -> Order:
    """The order once it is confirmed or rejected."""

    async def is_decided() -> Order:
        async with client("orders") as http:
            found: Order = (await http.get(f"/orders/{order['id']}")).json()
        assert found["status"] != "placed"
        return found

    return order if order["status"] != "placed" else await eventually(is_decided)


async def command(order: Order, name: str) -> httpx.Response:
    """A command on an order."""
    async with client("orders") as http:
        return await http.post(f"/orders/{order['id']}/{name}", headers=a_key())


async def stock_records(sku: str) -> dict[str, list[ConsumerRecord]]:
    """All records about a SKU on the topics of the saga, and of its availability, by topic."""
    found: dict[str, list[ConsumerRecord]] = {topic.name: [] for topic in (*STOCK_TOPICS, AVAILABILITY)}
    partitions = await partitions_of(found)
    async with reader() as consumer:
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                found[partition.topic] += [each for each in records if sku.encode() in (each.value or b"")]
    return found


async def deliver_again(sku: str, shuffle: Callable[[list[Any]], None]) -> None:
    """Deliver all records about a SKU twice more, in any order, and wait until they are processed."""
    topics = {topic.name: topic for topic in STOCK_TOPICS}
    records = [
        (topics[name], record.key, record.value)
        for name, found in (await stock_records(sku)).items()
        for record in 2 * found
        if name in topics
    ]
    shuffle(records)
    await put_raw(records)
    await all_processed()


async def all_processed() -> None:
    """Return once all that is on the topics of the saga now is processed."""
    await _processed("inventory", ALLOCATION.name, STOCK.name)
    await _processed("orders", SOURCING.name)

    async def has_read(ends: Offset) -> None:
        query = "SELECT partition_number, next_offset FROM read_position WHERE topic = %s"
        rows = await rows_by_hand(f"store_{STORE}", query, [RESERVATION.name])
        assert rows
        for row in rows:
            assert row["next_offset"] >= ends[TopicPartition(RESERVATION.name, row["partition_number"])]

    offsets = Offsets()
    try:
        ends = await offsets.ends([RESERVATION.name])
    finally:
        await offsets.close()
    await eventually(lambda: has_read(ends))


async def _processed(group: str, *topics: str) -> None:
    offsets = Offsets(group)

    async def are_processed(ends: Offset) -> None:
        committed = await offsets.committed(topics)
        assert all(committed.get(each, 0) >= end for each, end in ends.items())

    try:
        ends = await offsets.ends(topics)
        await eventually(lambda: are_processed(ends))
    finally:
        await offsets.close()


async def violations() -> list[Violation]:
    """What `oms stock verify` finds."""
    reading = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        return await verify(reading)
    finally:
        await reading.close()
