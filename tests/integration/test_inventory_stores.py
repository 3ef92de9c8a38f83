"""Stores and stock policies over HTTP."""

from __future__ import annotations

from uuid import uuid4

import httpx

from inventory.examples import NEW_STORE
from tests.support.inventory import availability, put_stock, reserve, reserved


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


async def test_a_policy_changes_what_is_promised(inventory_api: httpx.AsyncClient) -> None:
    """The most specific one is valid, also for what is in stock already."""
    sku = f"a/b {uuid4()}"
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
    await inventory_api.put(f"/stock-policies/*/{sku}", json={"tracked": False, "safetyMargin": 0})

    made = await reserved(inventory_api, (sku, 1000))
    released = await inventory_api.post(f"/reservations/{made['id']}/release")

    assert made["lines"] == [{"sku": sku, "quantity": 1000, "parts": []}]
    assert released.json()["status"] == "released"
