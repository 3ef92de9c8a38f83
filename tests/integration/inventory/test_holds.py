"""Reservations over HTTP: all lines or none, once for each key, exact at their end."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from contracts.stores import stock_id
from inventory.sweeps import MOST
from tests.support.by_hand import by_hand
from tests.support.eventually import eventually
from tests.support.stock import inventory
from tests.support.stock.inventory import availability, check_units, put_product, put_stock, reserve, reserved


@pytest.fixture
def sku() -> str:
    """A SKU of its own for each test."""
    return f"SKU {uuid4()}"


async def test_units_are_reserved_and_shown(inventory_api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 10, safety_margin=3, incoming=7)

    made = await reserved(inventory_api, (sku, 4), expiresInS=60)

    assert made["status"] == "held"
    assert made["lines"] == [{"sku": sku, "quantity": 4, "parts": [{"storeId": "seattle", "quantity": 4}]}]
    assert (await inventory_api.get(f"/reservations/{made['id']}")).json() == made
    [shown] = (await inventory_api.get("/availability", params={"sku": sku})).json()["items"]
    assert (shown["onHand"], shown["reserved"], shown["available"], shown["availableToPromise"]) == (10, 4, 6, 3)
    assert (shown["incoming"], shown["hasBackorders"]) == (7, False)
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


async def test_the_units_of_very_many_carts_that_ended_are_free(inventory_api: httpx.AsyncClient, sku: str) -> None:
    """More than end in one transaction."""
    ids, over = [str(uuid4()) for _ in range(MOST + 10)], "2020-01-01"
    key = await put_stock(sku, len(ids), reserved=len(ids))
    holds = [value for each in ids for value in (each, over, over, over)]
    rows = [value for each in ids for value in (str(uuid4()), each, key, sku, over)]
    await by_hand(
        "inventory",
        "INSERT INTO hold (hold_id, status, requested, expires_at, created_at, updated_at, version) VALUES "
        + ", ".join(["(%s, 'held', '[]', %s, %s, %s, 1)"] * len(ids)),
        holds,
    )
    await by_hand(
        "inventory",
        "INSERT INTO reservation (reservation_id, hold_id, stock_id, store_id, sku, quantity, attempt, wanted, state,"
        " expires_at, version) VALUES "
        + ", ".join(["(%s, %s, %s, 'seattle', %s, 1, 1, 'hold', 'held', %s, 1)"] * len(ids)),
        rows,
    )

    assert (await reserve(inventory_api, (sku, len(ids)))).status_code == 201
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


async def test_a_cart_of_many_lines_takes_units_of_many_stores(inventory_api: httpx.AsyncClient, sku: str) -> None:
    stores = [f"store-{number:026d}" for number in range(1200)]
    values = [value for each in stores for value in (stock_id(each, sku), each, sku)]
    row = "(%s, %s, %s, 1, 0, 0, 0, 0, 1, '2026-01-01', 1)"
    columns = "stock_id, store_id, sku, on_hand, unsellable, committed, reserved, safety_margin, stock_version"
    await by_hand(
        "inventory",
        f"INSERT INTO availability ({columns}, updated_at, version) VALUES {', '.join([row] * len(stores))}",
        values,
    )

    made = await reserved(inventory_api, *[(sku, 12)] * 100)

    given = [part for line in made["lines"] for part in line["parts"]]
    assert sorted(part["storeId"] for part in given) == stores
    assert (await inventory_api.get(f"/reservations/{made['id']}")).json() == made


async def test_units_that_a_till_sold_are_given_back_first(inventory_api: httpx.AsyncClient, sku: str) -> None:
    """Of five reserved units, the store has two left."""
    await put_stock(sku, 5)
    small = await reserved(inventory_api, (sku, 2))
    large = await reserved(inventory_api, (sku, 3))
    await put_stock(sku, 2, reserved=2, overreserved=3, version=3)

    seen = [await shown_units(inventory_api, sku)]
    for made in (small, large):
        await inventory_api.post(f"/reservations/{made['id']}/release")
        seen.append(await shown_units(inventory_api, sku))

    assert seen == [(2, 2, 0), (2, 2, 0), (2, 0, 2)]
    row = await availability(sku)
    assert (row["reserved"], row["overreserved"]) == (0, 0)


async def test_of_units_that_a_till_sold_those_of_a_cart_that_ends_do_not_come_back(
    inventory_api: httpx.AsyncClient, sku: str
) -> None:
    """Its end counts at once, though nobody has swept."""
    await put_stock(sku, 4)
    await reserved(inventory_api, (sku, 1))
    made = await reserved(inventory_api, (sku, 3))
    await put_stock(sku, 2, reserved=2, overreserved=2, version=3)
    await by_hand("inventory", "UPDATE reservation SET expires_at = '2020-01-01' WHERE hold_id = %s", [made["id"]])
    await by_hand("inventory", "UPDATE hold SET expires_at = '2020-01-01' WHERE hold_id = %s", [made["id"]])

    shown = await shown_units(inventory_api, sku)
    check = (await inventory_api.post("/availability/checks", json={"lines": [{"sku": sku, "quantity": 2}]})).json()

    assert shown == (2, 1, 1)
    assert (check["available"], check["lines"][0]["available"]) == (False, 1)
    assert (await reserve(inventory_api, (sku, 2))).status_code == 409

    async def is_reserved() -> None:
        assert (await reserve(inventory_api, (sku, 1))).status_code == 201

    await eventually(is_reserved)  # Redis was told nothing of the changes by hand


async def shown_units(http: httpx.AsyncClient, sku: str) -> tuple[int, int, int]:
    """On hand, reserved and available."""
    [shown] = (await http.get("/availability", params={"sku": sku, "all": True})).json()["items"]
    assert shown["onHand"] == shown["available"] + shown["reserved"] + shown["committed"] + shown["unsellable"]
    return shown["onHand"], shown["reserved"], shown["available"]
