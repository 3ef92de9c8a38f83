"""An order's life over HTTP: commands, lines that change, history; races and stale ETags."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from orders.replica import repository as replica
from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import ANA, HOME, a_product, an_address, placed


async def command(
    orders: httpx.AsyncClient, order: dict[str, Any], name: str, body: Any = None, **headers: str
) -> httpx.Response:
    return await orders.post(f"/orders/{order['id']}/{name}", json=body, headers=headers)


async def change(
    orders: httpx.AsyncClient, order: dict[str, Any], *lines: dict[str, Any], tag: str = '"1"'
) -> httpx.Response:
    usual = {"sku": "CHAI", "quantity": 1, "deliveryAddressId": str(HOME)}
    wanted = {"lines": [usual | line for line in lines]}
    return await orders.patch(f"/orders/{order['id']}/lines", json=wanted, headers={"If-Match": tag})


async def test_an_order_that_waits_for_units_is_placed_again_by_new_lines(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)

    waiting = await command(orders, order, "backorder")
    changed = await change(orders, order, {"quantity": 5}, tag='"2"')
    confirmed = await command(orders, changed.json(), "backorder")
    history = (await orders.get(f"/orders/{order['id']}/history")).json()["items"]

    assert (waiting.status_code, waiting.json()["status"]) == (200, "backordered")
    assert waiting.json()["allowedTransitions"] == ["confirmed", "rejected", "cancelled", "placed"]
    assert changed.json()["status"] == "placed"
    assert confirmed.json()["status"] == "backordered"
    assert [each["command"] for each in history] == ["place", "backorder", "change-lines", "backorder"]


async def test_an_order_goes_from_placed_to_delivered(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    assert order["allowedTransitions"] == ["confirmed", "backordered", "rejected", "cancelled"]

    for name, status, moment in [
        ("confirm", "confirmed", "confirmedAt"),
        ("ship", "shipped", "shippedAt"),
        ("deliver", "delivered", "deliveredAt"),
    ]:
        answer = await command(orders, order, name)
        assert answer.status_code == 200, answer.text
        order = answer.json()
        assert order["status"] == status
        assert order[moment] is not None

    assert order["version"] == 4
    assert order["allowedTransitions"] == []
    assert (await orders.get(f"/orders/{order['id']}")).json() == order


async def test_the_history_says_who_did_what_from_which_version_to_which(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    await command(orders, order, "confirm", **{"X-Client-Id": "warehouse"})
    await command(orders, order, "cancel", {"reason": "out of stock"}, **{"X-Client-Id": "desk"})

    answer = await orders.get(f"/orders/{order['id']}/history")

    told = [
        (each["command"], each["caller"], each["fromVersion"], each["toVersion"], each["status"], each["reason"])
        for each in answer.json()["items"]
    ]
    assert told == [
        ("place", None, None, 1, "placed", None),
        ("confirm", "warehouse", 1, 2, "confirmed", None),
        ("cancel", "desk", 2, 3, "cancelled", "out of stock"),
    ]
    assert answer.headers["ETag"] == '"3"'


async def test_the_history_of_an_unknown_order_is_not_found(orders: httpx.AsyncClient) -> None:
    assert (await orders.get(f"/orders/{uuid4()}/history")).status_code == 404


async def test_a_rejection_keeps_its_reason(orders: httpx.AsyncClient) -> None:
    order = (await command(orders, await placed(orders), "reject", {"reason": "no credit"})).json()

    assert (order["status"], order["rejectionReason"], order["cancellationReason"]) == ("rejected", "no credit", None)


async def test_a_refused_command_says_what_is_possible(orders: httpx.AsyncClient) -> None:
    answer = await command(orders, await placed(orders), "deliver")

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:oms:problem:not-allowed"
    assert "confirm, backorder, reject, cancel, change-lines" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("name", ["confirm", "backorder", "reject", "ship", "deliver", "cancel"])
async def test_a_command_on_a_state_the_client_did_not_see_is_refused(orders: httpx.AsyncClient, name: str) -> None:
    order = await placed(orders)

    answer = await command(orders, order, name, **{"If-Match": '"7"'})

    assert answer.status_code == 412
    assert (await orders.get(f"/orders/{order['id']}")).json()["version"] == 1


async def test_of_a_confirmation_and_a_cancellation_at_once_both_or_one_are_done_in_turn(
    orders: httpx.AsyncClient,
) -> None:
    for _ in range(10):
        order = await placed(orders)
        tag = {"If-Match": '"1"'}

        answers = await asyncio.gather(
            command(orders, order, "confirm", **tag), command(orders, order, "cancel", **tag)
        )

        assert sorted(answer.status_code for answer in answers) == [200, 412]
        history = (await orders.get(f"/orders/{order['id']}/history")).json()["items"]
        assert [each["toVersion"] for each in history] == [1, 2]


async def test_a_command_that_is_sent_again_is_done_once(orders: httpx.AsyncClient) -> None:
    order, key = await placed(orders), a_key()

    first = await command(orders, order, "cancel", {"reason": "mistake"}, **key)
    again = await command(orders, order, "cancel", {"reason": "mistake"}, **key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_lines_are_changed_before_confirmation(orders: httpx.AsyncClient) -> None:
    order = await placed(orders, {"quantity": 3})

    answer = await change(orders, order, {"quantity": 2}, {"sku": "CHANG", "quantity": 2, "discount": "0.5"})

    changed = answer.json()
    assert answer.status_code == 200, answer.text
    assert changed["total"] == "55.50"
    assert [(line["sku"], line["lineNumber"], line["amount"]) for line in changed["lines"]] == [
        ("CHAI", 1, "36.00"),
        ("CHANG", 2, "19.50"),
    ]
    assert answer.headers["ETag"] == '"2"'
    assert (await orders.get(f"/orders/{order['id']}")).json() == changed


async def test_lines_are_not_changed_after_confirmation(orders: httpx.AsyncClient) -> None:
    order = (await command(orders, await placed(orders), "confirm")).json()

    answer = await change(orders, order, {"quantity": 2}, tag='"2"')

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:not-allowed")


async def test_a_change_of_lines_needs_the_etag(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    lines = {"lines": [{"sku": "CHAI", "quantity": 1, "deliveryAddressId": str(HOME)}]}

    assert (await orders.patch(f"/orders/{order['id']}/lines", json=lines)).status_code == 428
    assert (await change(orders, order, {}, tag='"9"')).status_code == 412


async def test_of_many_changes_of_the_same_state_one_is_done(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)

    answers = await asyncio.gather(*(change(orders, order, {"quantity": each}) for each in range(1, 11)))

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    [done] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await orders.get(f"/orders/{order['id']}")).json() == done


async def test_a_changed_order_keeps_the_price_the_name_and_the_address_it_was_placed_with(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    sku, home = f"K-{uuid4().hex[:8]}", uuid4()
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku)])
        await replica.upsert_addresses(tx, [an_address(home, ANA)])
    order = await placed(orders, {"sku": sku, "quantity": 3, "deliveryAddressId": str(home), "discount": "0.5"})
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, name="Renamed", price=Decimal(99), active=False, version=2)])
        await replica.upsert_addresses(tx, [an_address(home, ANA, street="Elsewhere", version=2)])

    [held] = order["lines"]
    line = {"id": held["id"], "sku": sku, "deliveryAddressId": str(home)}
    changed = (await change(orders, order, line | {"quantity": 2}, {"quantity": 1})).json()
    raised = await change(orders, changed, line | {"id": changed["lines"][0]["id"], "quantity": 3}, tag='"2"')

    assert changed["lines"][0] == held | {"id": changed["lines"][0]["id"], "quantity": 2, "amount": "18.00"}
    [kept] = [each for each in changed["deliveryAddresses"] if each["id"] == str(home)]
    assert kept["street"] == "Obere Str. 57"
    assert (raised.status_code, raised.json()["errors"][0]["pointer"]) == (409, "#/lines/0/sku")


async def test_lines_sent_back_as_they_are_shown_are_what_they_were(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    sku = f"K-{uuid4().hex[:8]}"
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, price=Decimal("9.0125"))])
    order = await placed(orders, {"sku": sku, "quantity": 3, "discount": "0.1"})
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, price=Decimal(1), version=2)])
    both = (await change(orders, order, order["lines"][0], {"sku": sku, "quantity": 1})).json()

    same = (await change(orders, both, *reversed(both["lines"]), tag='"2"')).json()

    assert [line["unitPrice"] for line in both["lines"]] == ["9.0125", "1.00"]
    assert (both["total"], same["total"]) == ("25.33", "25.33")
    kept = ("sku", "productName", "quantity", "unitPrice", "discount", "amount", "deliveryAddressId")
    assert [[line[name] for name in kept] for line in same["lines"]] == [
        [line[name] for name in kept] for line in reversed(both["lines"])
    ]


async def test_units_beyond_those_of_a_line_are_a_line_at_today_s_price(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    sku = f"K-{uuid4().hex[:8]}"
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, price=Decimal(9))])
    order = await placed(orders, {"sku": sku, "quantity": 1, "discount": "0.5"})
    async with own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku, price=Decimal(10), version=2)])
    [held] = order["lines"]

    answer = await change(orders, order, {"id": held["id"], "sku": sku, "quantity": 1000})

    changed = answer.json()
    assert [(each["quantity"], each["unitPrice"], each["discount"], each["amount"]) for each in changed["lines"]] == [
        (1, "9.00", "0.5", "4.50"),
        (999, "10.00", "0", "9990.00"),
    ]
    assert (await orders.get(f"/orders/{order['id']}")).json() == changed


@pytest.mark.parametrize(
    ("line", "status", "pointer"),
    [
        ({"id": str(UUID(int=1))}, 422, "#/lines/0/id"),
        ({"sku": "CHANG"}, 422, "#/lines/0/sku"),
        ({"unitPrice": "17.00"}, 409, "#/lines/0/unitPrice"),
    ],
)
async def test_a_line_that_the_order_does_not_have_is_named(
    orders: httpx.AsyncClient, line: dict[str, Any], status: int, pointer: str
) -> None:
    order = await placed(orders)

    answer = await change(orders, order, {"id": order["lines"][0]["id"]} | line)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
