"""The three operations of a storefront, for the gateway and for PostGraphile.

Both documents select the same values in the same order, so that responses can be compared value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import asyncpg
import orjson

MANY = 20_000
"""Number of orders, and of customers, that are requested in turn."""


@dataclass(frozen=True)
class Operation:
    """One operation: its document by dialect, the variables of each request, and a text in every response."""

    name: str
    texts: dict[str, str]
    variables: Sequence[dict[str, Any]]
    wanted: Sequence[str]

    def body(self, dialect: str, number: int) -> bytes:
        """The JSON of one request."""
        variables = self.variables[number]
        if dialect == "postgraphile":  # there, an enum is the text of the table
            variables = {name: value.lower() for name, value in variables.items()}
        return orjson.dumps({"query": self.texts[dialect], "variables": variables})


ONE_ORDER = {
    "gateway": """query OneOrder($id: ID!) { order(id: $id) {
  id status total { amount currency } placedAt customer { id name lastName email }
  lines { lineNumber sku productName quantity unitPrice { amount } amount { amount }
    product { sku name price { amount } } }
} }""",
    "postgraphile": """query OneOrder($id: UUID!) { salesOrderByOrderId(orderId: $id) {
  orderId status total currency placedAt customer { customerId name lastName email }
  lines(orderBy: LINE_NUMBER_ASC) { lineNumber sku productName quantity unitPrice amount product { sku name price } }
} }""",
}

ORDERS_OF_A_CUSTOMER = {
    "gateway": """query OrdersOfACustomer($id: ID!) { customer(id: $id) {
  id name lastName orders(first: 20) { nodes {
    id status total { amount currency } placedAt
    lines { lineNumber quantity amount { amount } product { sku name price { amount } } }
} } } }""",
    "postgraphile": """query OrdersOfACustomer($id: UUID!) { customerByCustomerId(customerId: $id) {
  customerId name lastName orders(first: 20, orderBy: [PLACED_AT_DESC, ORDER_ID_DESC]) {
    orderId status total currency placedAt
    lines(orderBy: LINE_NUMBER_ASC) { lineNumber quantity amount product { sku name price } }
} } }""",
}

LATEST_OF_A_STATUS = {
    "gateway": """query LatestOfAStatus($status: OrderStatus!) { orders(first: 50, filter: { status: [$status] }) {
  nodes { id status total { amount currency } placedAt customer { name lastName } }
} }""",
    "postgraphile": """query LatestOfAStatus($status: String!) {
  allSalesOrdersList(first: 50, condition: { status: $status }, orderBy: [PLACED_AT_DESC, ORDER_ID_DESC]) {
  orderId status total currency placedAt customer { name lastName }
} }""",
}

_SOME = "SELECT order_id::text, customer_id::text FROM sales_order ORDER BY order_id"

_NEWEST = "SELECT DISTINCT ON (status) upper(status), order_id::text FROM sales_order ORDER BY status, placed_at DESC"


async def operations(read_model: asyncpg.Connection) -> list[Operation]:
    """The three operations with random orders, customers and statuses, the same in every run."""
    chosen = Random(6).sample(await read_model.fetch(_SOME), MANY)
    orders, customers = [order for order, _ in chosen], [customer for _, customer in chosen]
    newest = [tuple(row) for row in await read_model.fetch(_NEWEST)]
    return [
        Operation("one-order", ONE_ORDER, [{"id": each} for each in orders], orders),
        Operation("orders-of-a-customer", ORDERS_OF_A_CUSTOMER, [{"id": each} for each in customers], customers),
        Operation(
            "latest-of-a-status", LATEST_OF_A_STATUS, [{"status": each} for each, _ in newest], [id for _, id in newest]
        ),
    ]
