"""Orders taken over from other systems: in every status, once each, and never another's for the asking."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import ANA, BEN, BENS_HOME, HOME

LINE = {"sku": "CHAI", "quantity": 10, "unitPrice": "14.40", "discount": "0.15", "deliveryAddressId": str(HOME)}

STORIES = {
    "placed": {},
    "confirmed": {"confirmedAt": "2020-01-02T00:00:00Z"},
    "shipped": {"confirmedAt": "2020-01-02T00:00:00Z", "shippedAt": "2020-01-03T01:00:00+01:00"},
    "delivered": {"shippedAt": "2020-01-03T00:00:00Z", "deliveredAt": "2020-01-04T00:00:00Z"},
    "cancelled": {"cancelledAt": "2020-01-02T00:00:00Z", "cancellationReason": "too late"},
    "rejected": {"rejectedAt": "2020-01-02T00:00:00Z", "rejectionReason": "no such thing"},
}


def an_order(**changes: Any) -> dict[str, Any]:
    return {
        "externalId": uuid4().hex,
        "customerId": str(ANA),
        "currency": "USD",
        "placedAt": "2020-01-01T00:00:00Z",
        "freight": "32.38",
        "lines": [LINE],
    } | changes


async def imported(orders: httpx.AsyncClient, order: dict[str, Any]) -> httpx.Response:
    return await orders.post("/imported-orders", json=order)


def pointers(answer: httpx.Response) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("status", STORIES)
async def test_finished_history_is_imported_with_its_times(orders: httpx.AsyncClient, status: str) -> None:
    old = an_order(status=status, **STORIES[status])

    answer = await imported(orders, old)
    again = await imported(orders, {name: value for name, value in old.items() if name != "status"})

    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown["status"] == status
    given = {name: value.replace("T01:00:00+01:00", "T00:00:00Z") for name, value in STORIES[status].items()}
    assert {name: shown[name] for name in given} == given
    assert (again.status_code, again.json()) == (200, shown)
    history = (await orders.get(f"/orders/{shown['id']}/history")).json()["items"]
    assert [(each["command"], each["status"]) for each in history] == [("import", status)]


@pytest.mark.parametrize("status", ["backordered", "partially_shipped"])
async def test_a_status_without_a_time_is_imported_once(orders: httpx.AsyncClient, status: str) -> None:
    old = an_order(status=status)

    first, again = await imported(orders, old), await imported(orders, old)
    other = await imported(orders, old | {"status": "placed"})

    assert (first.status_code, first.json()["status"]) == (201, status)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, pointers(other)) == (409, ["#/status"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"status": "cancelled"}, "#/cancelledAt"),
        ({"status": "placed", "shippedAt": "2020-01-03T00:00:00Z"}, "#/shippedAt"),
        ({"status": "shipped", "shippedAt": "2019-12-31T00:00:00Z"}, "#/shippedAt"),
        ({"placedAt": "9999-01-01T00:00:00Z"}, "#/placedAt"),
        ({"placedAt": "2020-01-01T00:00:00"}, "#/placedAt"),
        ({"status": "shipped", "shippedAt": "9998-01-01T00:00:00Z"}, "#/shippedAt"),
        ({"status": "lost"}, "#/status"),
        ({"state": "placed"}, "#/state"),
    ],
)
async def test_a_past_that_cannot_be_is_refused(
    orders: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    answer = await imported(orders, an_order(**change))

    assert answer.status_code == 422, answer.text
    assert pointers(answer) == [pointer]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"customerId": str(BEN), "lines": [{**LINE, "deliveryAddressId": str(BENS_HOME)}]},
         ["#/customerId", "#/lines/0/deliveryAddressId"]),
        ({"freight": "32.39"}, ["#/freight"]),
        ({"placedAt": "2020-01-01T00:00:01Z"}, ["#/placedAt"]),
        ({"requiredAt": "2020-01-05T00:00:00Z"}, ["#/requiredAt"]),
        ({"cancelledAt": "2020-01-05T00:00:00Z"}, ["#/cancelledAt", "#/status"]),
        ({"lines": [LINE, LINE]}, ["#/lines"]),
        ({"lines": [{**LINE, "quantity": 11}]}, ["#/lines/0/quantity"]),
        ({"lines": [{**LINE, "unitPrice": "14.41", "discount": "0"}]}, ["#/lines/0/unitPrice", "#/lines/0/discount"]),
    ],
)  # fmt: skip
async def test_a_known_number_with_another_order_is_refused(
    orders: httpx.AsyncClient, change: dict[str, Any], differs: list[str]
) -> None:
    old = an_order()
    first = (await imported(orders, old)).json()

    answer = await imported(orders, old | change)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:external-id-taken")
    assert pointers(answer) == differs
    assert (await orders.get(f"/orders/{first['id']}")).json() == first


async def test_an_order_that_went_on_here_is_still_the_one_that_was_imported(orders: httpx.AsyncClient) -> None:
    old = an_order(lines=[LINE, LINE])
    order = (await imported(orders, old)).json()
    lines = {"lines": [{"sku": "CHANG", "quantity": 1, "deliveryAddressId": str(HOME)}]}
    changed = await orders.patch(f"/orders/{order['id']}/lines", json=lines, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    for command in ("confirm", "cancel"):
        body = {"reason": "too late"} if command == "cancel" else None
        moved = await orders.post(f"/orders/{order['id']}/{command}", json=body, headers=a_key())
        assert moved.status_code == 200

    answer = await imported(orders, old)

    assert (answer.status_code, answer.json()) == (200, (await orders.get(f"/orders/{order['id']}")).json())
    assert (await imported(orders, old | {"cancelledAt": "2020-01-02T00:00:00Z"})).status_code == 409


async def test_a_number_is_unique_within_its_source(orders: httpx.AsyncClient) -> None:
    old = an_order()
    sources = [{}, {"source": "north"}, {"source": "south"}]

    answers = [await imported(orders, old | source) for source in sources for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200] * 3
    assert len({answer.json()["id"] for answer in answers}) == 3
    assert [answer.json()["source"] for answer in answers[::2]] == [None, "north", "south"]
    of_all = (await orders.get("/orders", params={"externalId": old["externalId"]})).json()["items"]
    of_one = (await orders.get("/orders", params={"externalId": old["externalId"], "source": "north"})).json()["items"]
    assert (len(of_all), [each["source"] for each in of_one]) == (3, ["north"])
