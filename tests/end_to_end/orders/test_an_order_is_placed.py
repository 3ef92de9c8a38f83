"""The guided tour: one order, followed through every step of the road. Read this test first.

Customers, products and orders are three services with a database each. None calls another: what one writes, the others
hear from Kafka. So the order below is taken by a service that never asked anybody who the customer is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis import addresses
from chassis.consumer import Consumer
from chassis.databases.postgres import Database
from chassis.kafka.client import partitions_of
from chassis.settings import postgres
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH, OrderDetailRow, OrderRow
from contracts.topics import Topic
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, graphql
from tests.support.views.comparison import mysql_rows

ORDER_WITH_ALL = """
query ($id: ID!) {
  order(id: $id) {
    id status total { amount currency } version
    customer { name lastName }
    lines {
      lineNumber sku productName quantity unitPrice { amount } amount { amount }
      product { name }
      deliveryAddress { street city country }
    }
  }
}
"""


async def test_an_order_is_placed_and_seen_everywhere() -> None:
    customer = await a_customer(name="Maria", lastName="Anders")
    home = await an_address(customer, street="Obere Str.", number="57", city="Berlin", country="DE")
    tea = await a_product(name="Chai", price="18.00")
    syrup = await a_product(name="Aniseed Syrup", price="10.00")

    order = await place_order(customer, [(tea, 3, home), (syrup, 1, home)])

    await it_is_in_mysql(order)
    await its_rows_are_on_the_topics(order)
    await it_is_whole_in_the_read_model(order)
    await it_is_on_orders_graph(order)
    await a_storefront_sees_it(order)


async def place_order(customer: dict[str, Any], lines: list[tuple[dict[str, Any], int, dict[str, Any]]]) -> Any:
    """REST: `orders` prices the order from its own replica and answers 201 once MySQL has it."""
    body = {
        "customerId": customer["id"],
        "lines": [
            {"sku": product["sku"], "quantity": quantity, "deliveryAddressId": address["id"]}
            for product, quantity, address in lines
        ],
    }
    async with client("orders") as http:
        answer = await http.post("/orders", json=body, headers=a_key())

    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert order["total"] == "64.00"
    assert answer.headers["Location"] == f"/orders/{order['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Consistency-Token"] == f"order:{order['id']}:1"
    return order


async def it_is_in_mysql(order: dict[str, Any]) -> None:
    """MySQL: one row and its lines, written in one transaction. Nothing else was written anywhere."""
    rows = await mysql_rows("orders.order", "order_id")
    lines = await mysql_rows("orders.order_detail", "order_detail_id")

    assert rows[order["id"]]["version"] == 1
    assert rows[order["id"]]["line_count"] == 2
    assert {line["id"] for line in order["lines"]} <= set(lines)


async def its_rows_are_on_the_topics(order: dict[str, Any]) -> None:
    """Kafka: Debezium wrote each row to its table's topic; one key, so one partition number for the whole order."""
    rows = await records(ORDER, order["id"])
    lines = await records(ORDER_DETAIL, order["id"])

    placed: OrderRow = rows[0].message
    assert (placed.order_id, placed.version, placed.subtotal) == (UUID(order["id"]), 1, Decimal("64"))
    details: list[OrderDetailRow] = [line.message for line in lines]
    assert sorted(detail.amount for detail in details) == [Decimal("10"), Decimal("54")]
    assert {record.partition for record in [*rows, *lines]} == {rows[0].partition}


async def it_is_whole_in_the_read_model(order: dict[str, Any]) -> None:
    """Postgres: Faust joined the row with its lines, and showed the order only when it was whole."""

    async def shown() -> None:
        async with read_model.connection() as connection:
            row = await connection.fetchrow(
                "SELECT version, subtotal FROM sales_order WHERE order_id = $1", UUID(order["id"])
            )
            lines = await connection.fetch("SELECT * FROM order_line WHERE order_id = $1", UUID(order["id"]))
        assert row is not None
        assert (row["version"], row["subtotal"], len(lines)) == (1, Decimal("64"), 2)

    read_model = Database(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        await eventually(shown)
    finally:
        await read_model.close()


async def it_is_on_orders_graph(order: dict[str, Any]) -> None:
    """Kafka again: after the commit the whole joined order was told to whoever listens."""
    document = (await records(ORDERS_GRAPH, order["id"]))[-1].message

    assert document.version == 1
    assert document.customer is not None
    assert [line.product_name for line in document.lines] == ["Chai", "Aniseed Syrup"]


async def a_storefront_sees_it(order: dict[str, Any]) -> None:
    """GraphQL: the gateway reads it from Postgres, with everything a page needs."""
    shown = (await graphql(ORDER_WITH_ALL, id=order["id"]))["order"]

    assert shown["status"] == "PLACED"
    assert shown["total"] == {"amount": "64.00", "currency": "USD"}
    assert shown["customer"] == {"name": "Maria", "lastName": "Anders"}
    assert shown["lines"] == [
        {
            "lineNumber": 1,
            "sku": order["lines"][0]["sku"],
            "productName": "Chai",
            "quantity": 3,
            "unitPrice": {"amount": "18.00"},
            "amount": {"amount": "54.00"},
            "product": {"name": "Chai"},
            "deliveryAddress": {"street": "Obere Str.", "city": "Berlin", "country": "DE"},
        },
        {
            "lineNumber": 2,
            "sku": order["lines"][1]["sku"],
            "productName": "Aniseed Syrup",
            "quantity": 1,
            "unitPrice": {"amount": "10.00"},
            "amount": {"amount": "10.00"},
            "product": {"name": "Aniseed Syrup"},
            "deliveryAddress": {"street": "Obere Str.", "city": "Berlin", "country": "DE"},
        },
    ]


class Record:
    """One record of a topic, decoded."""

    def __init__(self, message: Any, partition: int, offset: int) -> None:
        self.message, self.partition, self.offset = message, partition, offset


async def records(topic: Topic[Any], order_id: str) -> list[Record]:
    """All records of an order on a topic, once there is one for each of its rows."""
    decode = topic.decoder()

    async def found() -> list[Record]:
        partitions = await partitions_of([topic.name])
        consumer = Consumer(bootstrap_servers=addresses.address("kafka"), enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(partitions)
            seen = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    seen += [record for record in batch if record.value and order_id.encode() in record.key]
        finally:
            await consumer.stop()
        assert len(seen) >= (2 if topic is ORDER_DETAIL else 1)
        return [Record(decode(record.value), record.partition, record.offset) for record in seen]

    result: list[Record] = await eventually(found)
    return result
