"""Stores and stock policies over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from inventory.answers.heartbeats import note
from inventory.availability import routes as availability_routes
from inventory.examples import NEW_STORE
from inventory.settings import database
from inventory.stores import repository
from tests.support.by_hand import by_hand
from tests.support.stock.inventory import availability, put_product, put_stock, put_store, reserve, reserved


async def test_a_store_is_created_and_changed(inventory_api: httpx.AsyncClient) -> None:
    new = {**NEW_STORE, "id": "lima-2"}

    made = await inventory_api.post("/stores", json=new)
    again = await inventory_api.post("/stores", json=new)
    changed = await inventory_api.patch(
        "/stores/lima-2",
        json={"priority": 7, "city": None},
        headers={"If-Match": made.headers["ETag"], "Content-Type": "application/merge-patch+json"},
    )

    assert (made.status_code, again.status_code) == (201, 409)
    assert again.json()["type"] == "urn:oms:problem:store-exists"
    assert made.json() | new == made.json()
    assert (made.json()["freshUntil"], made.json()["stale"]) == (None, True)
    assert (changed.json()["priority"], changed.json()["city"], changed.json()["version"]) == (7, None, 2)
    assert (await inventory_api.get("/stores/lima-2")).json() == changed.json()
    ids = [each["id"] for each in (await inventory_api.get("/stores")).json()["items"]]
    assert ids == sorted(ids)
    assert {"lima-2", "seattle"} <= {*ids}


async def test_a_sign_of_life_fails_no_change(inventory_api: httpx.AsyncClient) -> None:
    own, noon = database(), datetime(2026, 1, 31, 12, tzinfo=UTC)
    made = await inventory_api.post("/stores", json={**NEW_STORE, "id": "lima-3"})
    async with own.transaction() as tx:
        await note(tx, {"lima-3": noon}, noon)
    await own.close()
    read = await inventory_api.get("/stores/lima-3")
    known = await inventory_api.get("/stores/lima-3", headers={"If-None-Match": made.headers["ETag"]})

    answers = [
        await inventory_api.patch(
            "/stores/lima-3",
            json={"priority": priority},
            headers={"If-Match": made.headers["ETag"], "Content-Type": "application/merge-patch+json"},
        )
        for priority in (1, 2)
    ]

    assert (read.json()["freshUntil"], read.json()["version"]) == ("2026-01-31T12:00:00Z", 2)
    assert known.status_code == 304
    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[0].json()["version"] == 3
    assert answers[0].headers["Consistency-Token"] == "store:lima-3:3"
    assert answers[0].headers["ETag"] != made.headers["ETag"] == read.headers["ETag"]


@pytest.mark.parametrize(("silent_s", "is_stale"), [(0, False), (20, False), (20.001, True), (1e6, True)])
async def test_a_store_is_stale_after_twenty_seconds_of_silence(
    inventory_api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, silent_s: float, is_stale: bool
) -> None:
    own, noon, sku = database(), datetime(2026, 1, 31, 12, tzinfo=UTC), str(uuid4())
    await put_store("lima-4")
    await by_hand("inventory", "UPDATE store SET fresh_until = NULL WHERE store_id = 'lima-4'")
    await put_stock(sku, 10, "lima-4")
    async with own.transaction() as tx:
        await note(tx, {"lima-4": noon}, noon)
    await own.close()
    moment = noon.replace(tzinfo=None) + timedelta(seconds=silent_s)
    for module in (repository, availability_routes):
        monkeypatch.setattr(module, "now", lambda: moment)

    store = (await inventory_api.get("/stores/lima-4")).json()
    listed = [each for each in (await inventory_api.get("/stores")).json()["items"] if each["id"] == "lima-4"]
    [level] = (await inventory_api.get("/availability", params={"sku": sku})).json()["items"]

    assert (store["stale"], [each["stale"] for each in listed], level["stale"]) == (is_stale, [is_stale], is_stale)


async def test_a_policy_changes_what_is_promised(inventory_api: httpx.AsyncClient) -> None:
    """The most specific one is valid, also for what is in stock already."""
    sku = f"a/b {uuid4()}"
    await put_store()
    await put_stock(sku, 10, safety_margin=3)
    path = f"/stock-policies/seattle/{sku.replace('/', '%2F')}"
    everywhere = f"/stock-policies/*/{sku.replace('/', '%2F')}"

    made = await inventory_api.put(everywhere, json={"safetyMargin": 8})
    assert (await availability(sku))["safety_margin"] == 8
    assert (await reserve(inventory_api, (sku, 3))).status_code == 409
    specific = await inventory_api.put(path, json={"safetyMargin": 0})
    same = await inventory_api.put(path, json={"safetyMargin": 0})
    blind = await inventory_api.put(path, json={"safetyMargin": 1})

    assert (made.status_code, specific.status_code, same.status_code, blind.status_code) == (201, 201, 200, 428)
    assert same.json() == specific.json() == (await inventory_api.get(path)).json()
    assert (await availability(sku))["safety_margin"] == 0
    await reserved(inventory_api, (sku, 10))


async def test_what_is_not_tracked_is_never_short(inventory_api: httpx.AsyncClient) -> None:
    sku = str(uuid4())
    await put_product(sku)
    await inventory_api.put(f"/stock-policies/*/{sku}", json={"tracked": False, "safetyMargin": 0})

    made = await reserved(inventory_api, (sku, 1000))
    released = await inventory_api.post(f"/reservations/{made['id']}/release")

    assert made["lines"] == [{"sku": sku, "quantity": 1000, "parts": []}]
    assert released.json()["status"] == "released"


async def test_what_is_not_tracked_and_of_no_product_is_unknown(inventory_api: httpx.AsyncClient) -> None:
    sku, stocked = str(uuid4()), str(uuid4())
    await put_stock(stocked, 0)
    for each in (sku, stocked):
        await inventory_api.put(f"/stock-policies/*/{each}", json={"tracked": False, "safetyMargin": 0})

    answers = [await reserve(inventory_api, (stocked, 1), (sku, 1)), await reserve(inventory_api, (stocked, 1))]
    check = await inventory_api.post("/availability/checks", json={"lines": [{"sku": sku, "quantity": 1}]})

    assert [answer.status_code for answer in (*answers, check)] == [422, 201, 422]
    assert answers[0].json()["type"] == check.json()["type"] == "urn:oms:problem:unknown-sku"
    assert [each["pointer"] for each in answers[0].json()["errors"]] == ["#/lines/1/sku"]


async def test_an_unknown_store_is_told(inventory_api: httpx.AsyncClient) -> None:
    sku = str(uuid4())
    await put_store()
    await put_stock(sku, 1)

    unknown = await reserve(inventory_api, (sku, 1), storeId="nowhere")
    check = {"lines": [{"sku": sku, "quantity": 1}], "storeId": "nowhere"}
    checked = await inventory_api.post("/availability/checks", json=check)

    for answer in (unknown, checked):
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:oms:problem:unknown-store")
        assert [each["pointer"] for each in answer.json()["errors"]] == ["#/storeId"]
    await reserved(inventory_api, (sku, 1), storeId="seattle")


@pytest.mark.parametrize(
    ("store_id", "members", "pointers"),
    [
        ("seattle", {"tracked": False}, ["tracked"]),
        ("seattle", {"backorders": "yes"}, ["backorders"]),
        ("seattle", {"backorders": "limit"}, ["backorderLimit", "backorders"]),
        ("seattle", {"leadTimeDays": 2}, ["leadTimeDays"]),
        ("*", {"backorders": "limit"}, ["backorderLimit"]),
        ("*", {"backorderLimit": 3}, ["backorderLimit"]),
    ],
)
async def test_a_policy_that_would_not_count_is_refused(
    inventory_api: httpx.AsyncClient, store_id: str, members: dict[str, Any], pointers: list[str]
) -> None:
    await put_store()
    path = f"/stock-policies/{store_id}/{uuid4()}"

    answer = await inventory_api.put(path, json={"safetyMargin": 0} | members)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:oms:problem:invalid-request")
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/{name}" for name in pointers]
    assert (await inventory_api.get(path)).status_code == 404


async def test_a_policy_of_an_unknown_store_is_refused(inventory_api: httpx.AsyncClient) -> None:
    answer = await inventory_api.put(f"/stock-policies/nowhere/{uuid4()}", json={"safetyMargin": 0})

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:oms:problem:store-not-found")
