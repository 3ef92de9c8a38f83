"""Customers, addresses and products, created through the REST services."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

from chassis import addresses


def client(name: str) -> httpx.AsyncClient:
    """A client of an HTTP process. Without `verify`, which reads certificates for 20 ms; no URL here uses TLS."""
    return httpx.AsyncClient(base_url=addresses.url(name), timeout=60, verify=False)


def a_key() -> dict[str, str]:
    """The header of a POST with a new idempotency key."""
    return {"Idempotency-Key": str(uuid4())}


async def made(service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST a resource that must be accepted. Returns the response."""
    async with client(service) as http:
        answer = await posted(http, path, body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def posted(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], key: dict[str, str] | None = None
) -> httpx.Response:
    """The answer to a POST, which is sent again with its key for as long as the service says to, within two minutes."""
    headers, until = key or a_key(), monotonic() + 120
    while True:
        answer = await http.post(path, json=body, headers=headers)
        if answer.status_code != 503 or monotonic() > until:
            return answer
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))


async def a_customer(**changes: Any) -> dict[str, Any]:
    """A customer with a unique email address."""
    person = {"name": "Ana", "lastName": "Trujillo", "email": f"{uuid4()}@example.com"}
    return await made("customers", "/customers", person | changes)


async def an_address(customer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An address of a customer."""
    place = {"street": "Avda. de la Constitución", "number": "2222", "city": "México D.F.", "country": "MX"}
    return await made("customers", f"/customers/{customer['id']}/addresses", place | changes)


async def a_product(**changes: Any) -> dict[str, Any]:
    """A product with a unique SKU."""
    sku = f"T-{uuid4().hex[:12]}"
    return await made(
        "products", "/products", {"sku": sku, "name": f"Thing {sku}", "price": "12.50", "currency": "USD"} | changes
    )


async def a_category(**changes: Any) -> dict[str, Any]:
    """A category with a unique slug, by default a root."""
    return await made("products", "/categories", {"slug": f"c-{uuid4().hex[:12]}", "name": "Drinks"} | changes)


async def ask(gateway: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    """The data of the gateway's response, which must have no errors."""
    answer = await gateway.post("/graphql", json={"query": query, "variables": variables})
    body = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def graphql(query: str, **variables: Any) -> dict[str, Any]:
    """Like `ask`, of the gateway process."""
    async with client("gateway") as http:
        return await ask(http, query, **variables)
