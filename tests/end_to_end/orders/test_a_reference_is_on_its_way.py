"""New customers while what connects the services is away: their orders are asked for again, and then placed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_product, an_address, client
from tests.support.shop.people import kind
from tests.support.system.freezing import stopped


def an_order(customer: dict[str, Any], address: dict[str, Any], sku: str) -> dict[str, Any]:
    line = {"sku": sku, "quantity": 1, "deliveryAddressId": address["id"]}
    return {"customerId": customer["id"], "lines": [line]}


async def place(order: dict[str, Any], key: str) -> httpx.Response:
    async with client("orders") as http:
        return await http.post("/orders", json=order, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("program", ["connect", pytest.param("kafka", marks=pytest.mark.drill), "orders_worker"])
async def test_a_new_customer_s_order_is_placed_once_it_can_be(system: dict[str, str], program: str) -> None:
    product, key = await a_product(), str(uuid4())

    with stopped(system, program):
        customer = await a_customer()
        order = an_order(customer, await an_address(customer), product["sku"])
        refused = await place(order, key)

    async def is_placed() -> httpx.Response:
        answer = await place(order, key)
        assert answer.status_code == 201 or kind(answer) == (503, "reference-not-yet-known"), answer.text
        assert answer.status_code == 201
        return answer

    assert kind(refused) == (503, "reference-not-yet-known")
    assert int(refused.headers["Retry-After"]) > 0
    taken = await eventually(is_placed)
    assert "Idempotent-Replayed" not in taken.headers


async def test_what_does_not_exist_is_refused_for_good() -> None:
    customer = await a_customer()
    address = await an_address(customer)

    async def is_refused() -> None:
        answer = await place(an_order(customer, address, f"NO-{uuid4().hex}"), str(uuid4()))
        assert kind(answer) == (422, "unknown-reference")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["#/lines/0/sku"]

    await eventually(is_refused)
