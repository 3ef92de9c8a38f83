"""A delivery address that is corrected on an order until it ships."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from orders.erasure import erase_customer
from orders.replica import repository as replica
from tests.support.shop.builders import a_key
from tests.support.shop.small_shop import HOME, a_customer, an_address, body, place, placed
from tests.support.views import everywhere

CORRECTED = {"street": "Untere Str.", "number": "7", "city": "Berlin", "country": "de"}


async def correct(
    orders: httpx.AsyncClient, order: dict[str, Any], tag: str = '"1"', key: dict[str, str] | None = None, **said: Any
) -> httpx.Response:
    wanted = {"deliveryAddressId": order["lines"][0]["deliveryAddressId"], **CORRECTED, **said}
    headers = {"If-Match": tag, **(key or {})}
    return await orders.post(f"/orders/{order['id']}/correct-address", json=wanted, headers=headers)


async def history(orders: httpx.AsyncClient, order: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await orders.get(f"/orders/{order['id']}/history")).json()["items"]
    return items


@pytest.mark.parametrize("commands", [[], ["confirm"]])
async def test_an_address_is_corrected_until_the_order_ships(orders: httpx.AsyncClient, commands: list[str]) -> None:
    order = await placed(orders)
    for command in commands:
        order = (await orders.post(f"/orders/{order['id']}/{command}")).json()

    answer = await correct(orders, order, f'"{order["version"]}"', latitude="52.5200081")

    corrected = answer.json()
    assert answer.status_code == 200, answer.text
    assert corrected["version"] == order["version"] + 1
    [address] = corrected["deliveryAddresses"]
    said = {"id": str(HOME), "street": "Untere Str.", "number": "7", "city": "Berlin", "country": "DE"}
    assert {name: value for name, value in address.items() if value is not None} == {**said, "latitude": 52.520008}
    others = corrected.keys() - {"deliveryAddresses", "version", "updatedAt"}
    assert {name: corrected[name] for name in others} == {name: order[name] for name in others}
    assert (await orders.get(f"/orders/{order['id']}")).json() == corrected


async def test_the_history_says_what_was_corrected_and_not_what_it_said(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)

    await correct(orders, order, postalCode="12209", reference="Ring twice")

    said = (await history(orders, order))[-1]
    assert (said["command"], said["fromVersion"], said["toVersion"], said["status"]) == (
        "correct-address", 1, 2, "placed"
    )  # fmt: skip
    assert said["reason"] == f"street, number, reference, postalCode of {HOME}"


async def test_the_longest_history_of_a_correction_fits(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    texts = ("recipient", "company", "phone", "streetType", "street", "number", "building", "department", "reference")
    everything: dict[str, Any] = dict.fromkeys((*texts, "region", "postalCode"), "New")

    answer = await correct(orders, order, **everything, city="Bern", country="CH", latitude=46.9, longitude=7.4)

    assert answer.status_code == 200, answer.text
    assert (await history(orders, order))[-1]["reason"].count(",") == 14


async def test_a_correction_that_corrects_nothing_makes_no_version(orders: httpx.AsyncClient) -> None:
    order = (await correct(orders, await placed(orders))).json()

    again = await correct(orders, order, '"2"')

    assert (again.status_code, again.json()) == (200, order)
    assert len(await history(orders, order)) == 2


@pytest.mark.parametrize("commands", [["confirm", "ship"], ["cancel"], ["reject"], ["confirm", "ship", "deliver"]])
async def test_an_address_is_not_corrected_on_an_order_that_is_on_its_way_or_at_its_end(
    orders: httpx.AsyncClient, commands: list[str]
) -> None:
    order = await placed(orders)
    for command in commands:
        order = (await orders.post(f"/orders/{order['id']}/{command}")).json()

    answer = await correct(orders, order, "*")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:oms:problem:not-allowed")
    assert (await orders.get(f"/orders/{order['id']}")).json() == order


@pytest.mark.parametrize(
    ("tag", "said", "status"),
    [
        ('"9"', {}, 412),
        ('"1"', {"deliveryAddressId": str(UUID(int=1))}, 422),
        ('"1"', {"street": ""}, 422),
        ('"1"', {"country": "YU"}, 422),
        ('"1"', {"planet": "Mars"}, 422),
    ],
)
async def test_what_is_no_correction_is_refused(
    orders: httpx.AsyncClient, tag: str, said: dict[str, Any], status: int
) -> None:
    order = await placed(orders)

    answer = await correct(orders, order, tag, **said)

    assert answer.status_code == status
    assert (await orders.get(f"/orders/{order['id']}")).json() == order


async def test_a_correction_needs_the_etag(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)
    wanted = {"deliveryAddressId": str(HOME), **CORRECTED}

    key = a_key()
    await correct(orders, order, key=key)

    for headers in ({}, key):
        answer = await orders.post(f"/orders/{order['id']}/correct-address", json=wanted, headers=headers)
        assert answer.status_code == 428


async def test_of_many_corrections_of_the_same_version_one_is_done(orders: httpx.AsyncClient) -> None:
    order = await placed(orders)

    answers = await asyncio.gather(*(correct(orders, order, number=str(each)) for each in range(10)))

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


async def test_a_correction_that_is_sent_again_is_done_once(orders: httpx.AsyncClient) -> None:
    order, key = await placed(orders), a_key()

    first = await correct(orders, order, key=key)
    again = await correct(orders, order, key=key)

    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_lines_that_are_changed_go_to_the_address_as_it_was_corrected(orders: httpx.AsyncClient) -> None:
    order = (await correct(orders, await placed(orders))).json()

    answer = await orders.patch(
        f"/orders/{order['id']}/lines", json={"lines": order["lines"]}, headers={"If-Match": '"2"'}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["deliveryAddresses"] == order["deliveryAddresses"]


async def test_nothing_that_was_corrected_is_left_of_a_person_who_is_erased(
    orders: httpx.AsyncClient, own_database: Database
) -> None:
    ana, home, mark, key = uuid4(), uuid4(), uuid4().hex, a_key()
    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(ana)])
        await replica.upsert_addresses(tx, [an_address(home, ana)])
    order = (await place(orders, body({"deliveryAddressId": str(home)}, customerId=str(ana)))).json()
    corrected = await correct(orders, order, key=key, street=f"Street {mark}", reference=mark, postalCode=mark[:9])
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2)
    assert await everywhere.in_mysql(mark)

    async with own_database.transaction() as tx:
        await replica.upsert_customers(tx, [a_customer(ana, version=2, is_deleted=True)])
    await erase_customer(own_database, ana)

    assert await everywhere.in_mysql(mark[:9]) == []
    assert [each["command"] for each in await history(orders, order)] == ["place", "correct-address", "erase"]
    assert (await correct(orders, order, key=key, street=f"Street {mark}")).status_code in (409, 410)
    again = await correct(orders, order, "*", street=f"Street {mark}")
    assert (again.status_code, again.json()["type"]) == (409, "urn:oms:problem:not-allowed")
    assert UUID(order["customerId"]) == ana
    assert await everywhere.in_mysql(mark) == []
