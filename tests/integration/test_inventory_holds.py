"""Reservations over HTTP: all lines or none, once for each key, exact at their end."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.support import inventory
from tests.support.eventually import eventually
from tests.support.inventory import availability, check_units, put_product, put_stock, reserve, reserved


@pytest.fixture
def sku() -> str:
    """A SKU of its own for each test."""
    return f"SKU {uuid4()}"


async def test_units_are_reserved_and_shown(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 10, safety_margin=3)

    made = await reserved(inventory_api, (sku, 4), expiresInS=60)

    assert made["status"] == "held"
    assert made["lines"] == [{"sku": sku, "quantity": 4, "parts": [{"storeId": "seattle", "quantity": 4}]}]
    assert (await inventory_api.get(f"/reservations/{made['id']}")).json() == made
    [shown] = (await inventory_api.get("/availability", params={"sku": sku})).json()["items"]
    assert (shown["onHand"], shown["reserved"], shown["available"], shown["availableToPromise"]) == (10, 4, 6, 3)
    assert (shown["safetyMargin"], shown["version"]) == (3, 2)


async def test_a_key_reserves_once(inventory_api: httpx.AsyncClient, sku: str) -> None:
    """Also when nothing is left: the retry gets its first answer."""
    await put_stock(sku, 1)
    key = str(uuid4())

    first = await reserve(inventory_api, (sku, 1), key=key)
    again = await reserve(inventory_api, (sku, 1), key=key)
    another = await reserve(inventory_api, (sku, 2), key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (another.status_code, another.json()["type"]) == (422, "urn:oms:problem:idempotency-key-reused")
    await check_units(sku)


async def test_a_key_is_needed(inventory_api: httpx.AsyncClient, sku: str) -> None:
    answer = await inventory_api.post("/reservations", json={"lines": [{"sku": sku, "quantity": 1}]})

    assert answer.status_code == 400


async def test_all_lines_are_reserved_or_none(inventory_api: httpx.AsyncClient, sku: str) -> None:
    scarce = f"{sku} scarce"
    await put_stock(sku, 10)
    await put_stock(scarce, 2)

    answer = await reserve(inventory_api, (sku, 1), (scarce, 5))

    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "urn:oms:problem:insufficient-stock"
    [error] = problem["errors"]
    assert (error["pointer"], error["sku"], error["wanted"], error["available"]) == ("#/lines/1", scarce, 5, 2)
    assert (await availability(sku))["reserved"] == 0
    assert await inventory.reservations(sku) == []


async def test_lines_of_one_sku_are_summed(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 4)

    short = await reserve(inventory_api, (sku, 3), (sku, 2))
    made = await reserved(inventory_api, (sku, 3), (sku, 1))

    assert short.status_code == 409
    assert [(each["pointer"], each["available"]) for each in short.json()["errors"]] == [("#/lines/1", 1)]
    assert [line["quantity"] for line in made["lines"]] == [3, 1]
    assert (await availability(sku))["reserved"] == 4
    assert [row["quantity"] for row in await inventory.reservations(sku)] == [1, 3]


async def test_an_unknown_sku_is_told_and_a_product_without_stock_is_short(
    inventory_api: httpx.AsyncClient, sku: str
) -> None:
    product = f"{sku} product"
    await put_product(product)

    unknown = await reserve(inventory_api, (product, 1), (sku, 1))
    short = await reserve(inventory_api, (product, 1))

    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:oms:problem:unknown-sku")
    assert [each["pointer"] for each in unknown.json()["errors"]] == ["#/lines/1/sku"]
    assert (short.status_code, short.json()["errors"][0]["available"]) == (409, 0)


async def test_to_release_twice_has_one_effect(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 5)
    made = await reserved(inventory_api, (sku, 2))
    other = await reserved(inventory_api, (sku, 3))

    answers = await asyncio.gather(*(inventory_api.post(f"/reservations/{made['id']}/release") for _ in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["status"] == "released"
    assert (await availability(sku))["reserved"] == 3
    await check_units(sku)
    assert (await inventory_api.get(f"/reservations/{other['id']}")).json() == other


async def test_only_what_is_held_is_extended(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 5)
    made = await reserved(inventory_api, (sku, 2), expiresInS=60)
    extend = f"/reservations/{made['id']}/extend"

    extended = await inventory_api.post(extend, json={"expiresInS": 600})
    await inventory_api.post(f"/reservations/{made['id']}/release")
    refused = await inventory_api.post(extend, json={})

    assert extended.status_code == 200
    assert extended.json()["expiresAt"] > made["expiresAt"]
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:oms:problem:reservation-not-held")
    assert (await inventory_api.post(f"/reservations/{uuid4()}/release")).status_code == 404


async def test_an_end_is_exact_while_nobody_sweeps(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 3)
    made = await reserved(inventory_api, (sku, 3), expiresInS=1)

    async def is_over() -> None:
        assert (await reserve(inventory_api, (sku, 4))).status_code == 409  # whatever it says is remembered
        shown = (await inventory_api.get(f"/reservations/{made['id']}")).json()
        assert shown["status"] == "expired"

    await eventually(is_over)

    shown = (await inventory_api.get(f"/reservations/{made['id']}")).json()
    [available] = (await inventory_api.get("/availability", params={"sku": sku})).json()["items"]
    extended = await inventory_api.post(f"/reservations/{made['id']}/extend", json={})
    next_one = await reserve(inventory_api, (sku, 3))

    assert (shown["status"], available["available"], extended.status_code) == ("expired", 3, 409)
    assert next_one.status_code == 201
    assert (await availability(sku))["reserved"] == 3
    await check_units(sku)


async def test_the_last_unit_is_sold_once(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 1)

    answers = await asyncio.gather(*(reserve(inventory_api, (sku, 1)) for _ in range(20)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    await check_units(sku)


async def test_a_check_reserves_nothing(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 4, safety_margin=1)
    lines = [{"sku": sku, "quantity": 2}, {"sku": sku, "quantity": 2}]

    answer = await inventory_api.post("/availability/checks", json={"lines": lines})

    assert answer.json() == {
        "available": False,
        "lines": [{"sku": sku, "wanted": 2, "available": 3}, {"sku": sku, "wanted": 2, "available": 1}],
    }
    assert (await availability(sku))["version"] == 1
