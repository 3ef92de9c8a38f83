"""Nodes by GraphQL: each is found by its id, and a malformed id is like one that nothing has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from gateway.api import app
from tests.support.apps import running
from tests.support.shop.builders import ask
from tests.support.views.read_model import ReadModel

MALFORMED = ["", "x", "product:", "product:A\u0000", "0197b1a4", "0197b1a47c1e7cc398c4dc0c0c07398f", "9" * 300]


@pytest.fixture
async def client(read_model: ReadModel) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app()) as http:
        yield http


async def test_a_node_is_found_by_the_id_it_shows(client: httpx.AsyncClient, read_model: ReadModel) -> None:
    [customer] = await read_model.customers({})
    [address] = await read_model.addresses({"customer_id": customer})
    [order] = await read_model.orders({"customer_id": customer})
    [shipment] = await read_model.shipments({"order_id": order})
    [returned] = await read_model.returns({"order_id": order})
    await read_model.products({"sku": "CHAI"})
    shown = await ask(
        client,
        """query ($order: ID!) {
          order(id: $order) { id shipments { id } returns { id } customer { id addresses { id } } }
          product(sku: "CHAI") { id }
        }""",
        order=str(order),
    )
    ids = [
        shown["order"]["id"],
        shown["order"]["customer"]["id"],
        shown["order"]["customer"]["addresses"][0]["id"],
        shown["product"]["id"],
        shown["order"]["shipments"][0]["id"],
        shown["order"]["returns"][0]["id"],
        str(uuid4()),
        "product:NONE",
        *MALFORMED,
    ]

    data = await ask(
        client,
        """query ($ids: [ID!]!, $one: ID!) {
          nodes(ids: $ids) { __typename id ... on Order { total { amount } } ... on Address { city }
            ... on Shipment { location } ... on Return { origin } }
          node(id: $one) { ... on Customer { name } }
        }""",
        ids=ids,
        one=str(customer),
    )

    assert data["nodes"] == [
        {"__typename": "Order", "id": str(order), "total": {"amount": "472.38"}},
        {"__typename": "Customer", "id": str(customer)},
        {"__typename": "Address", "id": str(address), "city": "México D.F."},
        {"__typename": "Product", "id": "product:CHAI"},
        {"__typename": "Shipment", "id": str(shipment), "location": "seattle"},
        {"__typename": "Return", "id": str(returned), "origin": "DELIVERED"},
        *[None] * (2 + len(MALFORMED)),
    ]
    assert data["node"] == {"name": "Ana"}


@pytest.mark.parametrize("node_id", MALFORMED)
async def test_a_malformed_id_is_like_one_that_nothing_has(client: httpx.AsyncClient, node_id: str) -> None:
    query = """query ($id: ID!, $sku: String!) {
      node(id: $id) { id } order(id: $id) { id } customer(id: $id) { id } product(sku: $sku) { id }
      productsBySku(skus: [$sku]) { id } nodes(ids: [$id, $id]) { id }
      orders(filter: {ids: [$id], customerId: $id, sku: $sku}) { totalCount }
      customers(filter: {ids: [$id]}) { totalCount }
    }"""

    data = await ask(client, query, id=node_id, sku=node_id.partition(":")[2])

    assert data == {
        **dict.fromkeys(("node", "order", "customer", "product")),
        "productsBySku": [None],
        "nodes": [None, None],
        "orders": {"totalCount": 0},
        "customers": {"totalCount": 0},
    }
