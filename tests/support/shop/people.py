"""Customers and addresses as a client of `customers` makes them, and how it reads refusals."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

BERLIN = {"street": "Obere Str. 57", "city": "Berlin", "country": "de", "latitude": 52.52, "longitude": 13.404954}


def ana(**changes: Any) -> dict[str, Any]:
    return {"name": "Ana", "lastName": "Trujillo", "email": f"{uuid4()}@northwind.example"} | changes


async def made(customers: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await customers.post("/customers", json=ana(**changes))
    assert answer.status_code == 201, answer.text
    customer: dict[str, Any] = answer.json()
    return customer


async def made_address(customers: httpx.AsyncClient, customer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await customers.post(f"/customers/{customer['id']}/addresses", json=BERLIN | changes)
    assert answer.status_code == 201, answer.text
    address: dict[str, Any] = answer.json()
    return address


def kind(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def parameters(answer: httpx.Response) -> list[str]:
    """The query parameters that a refusal names."""
    assert kind(answer) == (422, "invalid-request")
    return [each["parameter"] for each in answer.json()["errors"]]
