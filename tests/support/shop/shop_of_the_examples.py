"""What the examples of the OpenAPI documents refer to, so that they are not refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import UUID, uuid5

from chassis.databases.mysql import Row
from contracts.orders import OrderStatus
from orders import examples, repository
from orders.models import NewOrder
from orders.placement import rows, rules
from orders.replica import repository as replica
from orders.replica.references import Address, Customer, LineRequest, Product, References
from orders.settings import database
from tests.support.shop.rows import a_delivery_address
from tests.support.shop.small_shop import a_customer, a_product, all_is_known, an_address

CUSTOMER_ID, ADDRESS_ID = UUID(examples.CUSTOMER_ID), UUID(examples.ADDRESS_ID)
MOST_ORDERS = 100
"""How many orders there are for each command."""

BEGINS = {
    "confirm": OrderStatus.PLACED,
    "reject": OrderStatus.PLACED,
    "cancel": OrderStatus.PLACED,
    "lines": OrderStatus.PLACED,
    "correct-address": OrderStatus.CONFIRMED,
    "ship": OrderStatus.CONFIRMED,
    "deliver": OrderStatus.SHIPPED,
}
"""The commands, by the end of their paths, with the status that an order must have. Each has orders of its own."""

SKU: str = examples.NEW_ORDER["lines"][0]["sku"]


@asynccontextmanager
async def orders_of_the_examples() -> AsyncIterator[None]:
    """The replica of `orders` with customer, address and product, and orders for each command. The tables are there."""
    opened = database()
    async with opened.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(CUSTOMER_ID)])
        await replica.upsert_addresses(tx, [an_address(ADDRESS_ID, CUSTOMER_ID)])
        await replica.upsert_products(tx, [a_product(SKU)])
        await all_is_known(tx)
        for command, status in BEGINS.items():
            for number in range(MOST_ORDERS):
                await repository.insert_order(tx, *_an_order(order_id(command, number), status))
    await opened.close()
    yield


def order_id(command: str, number: int) -> str:
    """The id of the order with this number for this command."""
    return str(uuid5(CUSTOMER_ID, f"{command} {number % MOST_ORDERS}"))


def _an_order(identity: str, status: OrderStatus) -> tuple[Row, list[Row]]:
    known = References(
        Customer(CUSTOMER_ID, active=True),
        {ADDRESS_ID: Address(CUSTOMER_ID, a_delivery_address(ADDRESS_ID))},
        {SKU: Product(SKU, "Chai", Decimal(18), "USD", active=True)},
    )
    new = NewOrder.model_validate(examples.NEW_ORDER)
    placed = rules.place(CUSTOMER_ID, [LineRequest(SKU, 3, ADDRESS_ID)], known)
    order = rows.placed_now(new, placed) | {"order_id": identity, "status": status.value}
    return order, rows.lines_of(identity, rows.FIRST_VERSION, placed)
