"""Restock requests over HTTP: what a supplier says of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.support.by_hand import rows_by_hand
from tests.support.stock.inventory import availability, put_stock

Body = dict[str, Any]


async def a_request(http: httpx.AsyncClient, quantity: int = 7) -> Body:
    """A request for a new SKU."""
    sku = f"é {uuid4()}"
    await put_stock(sku, 10)
    answer = await http.post("/restock-requests", json={"storeId": "seattle", "sku": sku, "quantity": quantity})
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


async def say(http: httpx.AsyncClient, request: Body, command: str, **headers: str) -> httpx.Response:
    return await http.post(f"/restock-requests/{request['id']}/{command}", headers=headers)


async def test_a_request_goes_through_its_states(inventory_api: httpx.AsyncClient) -> None:
    made = await a_request(inventory_api)

    manufactured = await say(inventory_api, made, "manufacture")
    completed = await say(inventory_api, made, "complete")
    cancelled = await say(inventory_api, made, "cancel")

    assert (made["status"], made["version"], made["added"], made["receivedAt"]) == ("accepted", 1, None, None)
    assert (manufactured.json()["status"], completed.json()["status"]) == ("manufacturing", "completed")
    assert completed.json()["version"] == 3
    assert completed.headers["Consistency-Token"] == f"restock:{made['id']}:3"
    assert (await inventory_api.get(f"/restock-requests/{made['id']}")).json() == completed.json()
    assert (cancelled.status_code, cancelled.json()["type"]) == (409, "urn:oms:problem:restock-not-allowed")
    assert (await availability(made["sku"]))["incoming"] == 7
    [inbound] = await rows_by_hand("inventory", "SELECT * FROM inbound WHERE inbound_id = %s", [made["id"]])
    assert (inbound["quantity"], inbound["reason"], inbound["store_id"]) == (7, "restock", "seattle")


async def test_a_stock_has_one_open_request(inventory_api: httpx.AsyncClient) -> None:
    made = await a_request(inventory_api)
    new = {name: made[name] for name in ("storeId", "sku", "quantity")}

    second = await inventory_api.post("/restock-requests", json=new)
    cancelled = await say(inventory_api, made, "cancel")
    third = await inventory_api.post("/restock-requests", json=new)
    unknown = await inventory_api.post("/restock-requests", json=new | {"sku": "NOWHERE"})

    assert (second.status_code, second.json()["type"]) == (409, "urn:oms:problem:restock-request-open")
    assert (cancelled.json()["status"], third.status_code) == ("cancelled", 201)
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:oms:problem:unknown-stock")
    assert (await availability(made["sku"]))["incoming"] == 0


async def test_a_command_is_executed_once_and_about_the_version_that_was_seen(inventory_api: httpx.AsyncClient) -> None:
    made, key = await a_request(inventory_api), {"Idempotency-Key": str(uuid4())}

    old = await say(inventory_api, made, "manufacture", **{"If-Match": '"7"'})
    first, again = [await say(inventory_api, made, "manufacture", **key, **{"If-Match": '"1"'}) for _ in range(2)]
    without_key = await say(inventory_api, made, "manufacture")

    assert old.status_code == 412
    assert (first.status_code, again.status_code, without_key.status_code) == (200, 200, 409)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    read = await inventory_api.get(f"/restock-requests/{made['id']}", headers={"If-None-Match": first.headers["ETag"]})
    assert read.status_code == 304
    assert (await say(inventory_api, {"id": uuid4()}, "cancel")).status_code == 404


async def test_requests_are_listed_the_newest_first(inventory_api: httpx.AsyncClient) -> None:
    made = [await a_request(inventory_api) for _ in range(3)]
    await say(inventory_api, made[0], "manufacture")

    async def listed(**wanted: str) -> list[str]:
        answer = await inventory_api.get("/restock-requests", params={"limit": "2", **wanted})
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await listed() == [made[2]["id"], made[1]["id"]]
    assert await listed(storeId="seattle", status="accepted") == [made[2]["id"], made[1]["id"]]
    assert (await listed(status="manufacturing"))[0] == made[0]["id"]
    assert await listed(sku=made[1]["sku"]) == await listed(sku=made[1]["sku"], storeId="seattle") == [made[1]["id"]]
    assert await listed(storeId="lima") == []
    refused = await inventory_api.get("/restock-requests", params={"sku": "A", "status": "accepted"})
    assert refused.status_code == 422
