"""Every resource answers If-Match and If-None-Match as RFC 9110 has it: in lists, in several lines, weak, any."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.shop.people import BERLIN, ana, kind, made, made_address

TEA = {"name": "Tea", "price": "2.00", "currency": "EUR"}


@pytest.fixture(params=["customer", "address", "product"])
async def resource(
    request: pytest.FixtureRequest, customers: httpx.AsyncClient, products: httpx.AsyncClient
) -> tuple[httpx.AsyncClient, str, dict[str, Any]]:
    """A service, the address of a resource there at version 3, and a body that replaces it."""
    client, body = customers, ana()
    match request.param:
        case "customer":
            url = f"/customers/{(await made(customers))['id']}"
        case "address":
            url, body = f"/addresses/{(await made_address(customers, await made(customers)))['id']}", BERLIN
        case "product":
            client, url, body = products, f"/products/P-{uuid4().hex[:10]}", TEA
            assert (await client.post("/products", json={"sku": url.split("/")[2], **TEA})).status_code == 201
    for version in (1, 2):
        assert (await client.put(url, json=body, headers={"If-Match": f'"{version}"'})).status_code == 200
    return client, url, body


def sent(method: str, body: dict[str, Any]) -> dict[str, Any]:
    """A change with the body that its method has."""
    return {} if method == "DELETE" else {"json": body}


def lines(name: str, values: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for value in values]


@pytest.mark.parametrize("tags", [['"3"'], ['W/"3"'], ["*"], ['"1", "3"'], ['"1"', '"3"'], ['"1"', 'W/"2", W/"3"']])
async def test_who_has_the_newest_is_told_so(resource, tags):
    client, url, _ = resource

    for method in ("GET", "HEAD"):
        answer = await client.request(method, url, headers=lines("If-None-Match", tags))

        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"3"')


@pytest.mark.parametrize("tags", [['"2"'], ["3"], ['"1"', '"2"'], [""]])
async def test_who_has_another_gets_the_newest(resource, tags):
    client, url, _ = resource

    answer = await client.get(url, headers=lines("If-None-Match", tags))

    assert (answer.status_code, answer.headers["ETag"], answer.json()["version"]) == (200, '"3"', 3)


@pytest.mark.parametrize("tags", [['"3"'], ["*"], ['"1", "3"'], ['"1"', '"3"']])
async def test_a_change_of_the_newest_is_made(resource, tags):
    client, url, body = resource

    answer = await client.put(url, json=body, headers=lines("If-Match", tags))

    assert (answer.status_code, answer.headers["ETag"], answer.json()["version"]) == (200, '"4"', 4)


@pytest.mark.parametrize("tags", [['"2"'], ['W/"3"'], ["3"], ['"1"', '"2"'], ['"*"'], [""]])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_change_of_anything_else_is_not(resource, method, tags):
    client, url, body = resource

    answer = await client.request(method, url, headers=lines("If-Match", tags), **sent(method, body))

    assert kind(answer) == (412, "precondition-failed")
    assert (await client.get(url)).headers["ETag"] == '"3"'


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_change_says_what_it_is_a_change_of(resource, method):
    client, url, body = resource

    assert kind(await client.request(method, url, **sent(method, body))) == (428, "precondition-required")


async def test_of_twenty_editors_of_one_version_one_wins(resource):
    client, url, body = resource

    answers = await asyncio.gather(*(client.put(url, json=body, headers={"If-Match": '"3"'}) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    assert (await client.get(url)).headers["ETag"] == '"4"'


async def test_what_is_edited_while_it_is_deleted_is_one_or_the_other(resource):
    client, url, body = resource
    edits = [client.put(url, json=body, headers={"If-Match": '"3"'}) for _ in range(5)]

    *edited, deleted = await asyncio.gather(*edits, client.delete(url, headers={"If-Match": '"3"'}))

    won = [answer.status_code for answer in (*edited, deleted) if answer.is_success]
    assert won in ([200], [204])
    assert {answer.status_code for answer in (*edited, deleted)} - {200, 204} <= {404, 412}
