"""Requests of a shop: find a customer, place an order, read it in GraphQL, search products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx

from oms.company.errors import RequestRefused
from oms.company.lines.base import Body
from oms.company.rest import Rest
from oms.company.retries import until_available

CUSTOMER: Body = {"name": "Ada", "lastName": "Byron", "email": "ada@demo.example", "phone": "+44 20 7946 0000"}
ADDRESS: Body = {
    "street": "St James's Square",
    "number": "12",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}
BASKET = {"NW-0075": 2, "NW-0040": 1}
"""SKU and quantity; there are more than a hundred units of each."""

SOLD_OUT = {"NW-0031": 2}
"""A product that is for sale, and of which there are no units."""

SEARCH_TEXT = "choclate"
"""A misspelt search."""

ORDER_QUERY = """\
query ($id: ID!) {
  order(id: $id) {
    id status placedAt
    total { amount currency }
    customer { name lastName email }
    lines {
      lineNumber sku productName quantity
      unitPrice { amount currency }
      amount { amount currency }
      product { name }
      deliveryAddress { street city country }
    }
  }
}"""

PRODUCTS_QUERY = """\
query ($text: String) {
  products(text: $text, first: 5) {
    edges { node { sku name price { amount currency } } }
  }
}"""


@dataclass(frozen=True)
class GraphQLOrder:
    """An order in GraphQL, and the seconds from the response of the write to that of the query."""

    data: dict[str, Any]
    after_s: float


async def demo_customer(rest: Rest) -> tuple[str, str]:
    """The ids of the demo customer and its delivery address; both are created once."""
    try:
        customer = (await rest.post("customers", "/customers", CUSTOMER)).json()
    except RequestRefused as refusal:
        if refusal.kind != "email-taken":
            raise
        customer = (await rest.get("customers", "/customers", email=CUSTOMER["email"])).json()["items"][0]
    path = f"/customers/{customer['id']}/addresses"
    addresses = (await rest.get("customers", path)).json()["items"]
    address = addresses[0] if addresses else (await rest.post("customers", path, ADDRESS)).json()
    return customer["id"], address["id"]


def order_of(customer_id: str, address_id: str, basket: Mapping[str, int]) -> Body:
    """The body of POST /orders."""
    lines = [{"sku": sku, "quantity": quantity, "deliveryAddressId": address_id} for sku, quantity in basket.items()]
    return {"customerId": customer_id, "lines": lines}


async def place_order(rest: Rest, body: Body) -> httpx.Response:
    """The response to POST /orders, retried while `orders` has not consumed a new customer."""
    key = str(uuid4())
    return await until_available(lambda: rest.post("orders", "/orders", body, key))


async def order_in_graphql(rest: Rest, placed: httpx.Response) -> GraphQLOrder:
    """The order in GraphQL, which waits for the write that the token names. Raises ServiceUnavailable."""
    began = perf_counter()
    token = placed.headers["Consistency-Token"]
    data = await graphql(rest, ORDER_QUERY, {"id": placed.json()["id"]}, token)
    return GraphQLOrder(data, perf_counter() - began)


async def search_in_rest(rest: Rest) -> httpx.Response:
    """The products that REST finds. Raises ServiceUnavailable once the search was unavailable for long."""
    return await until_available(lambda: rest.get("products", "/products", text=SEARCH_TEXT, limit=5))


async def search_products(rest: Rest) -> list[dict[str, Any]]:
    """The products that GraphQL finds, best match first."""
    found = (await graphql(rest, PRODUCTS_QUERY, {"text": SEARCH_TEXT})).get("products") or {"edges": []}
    return [edge["node"] for edge in found["edges"]]


async def graphql(rest: Rest, query: str, variables: Body, token: str | None = None) -> dict[str, Any]:
    """The data of a response; empty when it has only errors. Raises ServiceUnavailable and RequestRefused."""
    body = {"query": query, "variables": variables}
    response = await until_available(lambda: rest.post("gateway", "/graphql", body, token=token))
    return response.json().get("data") or {}
