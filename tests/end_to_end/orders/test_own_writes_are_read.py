"""A read that carries a write's token contains the write, or says how far behind it is: orders, customers, products."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import settings
from chassis.databases.postgres import Database
from local import supervisor
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, posted
from tests.support.system.freezing import frozen

AT_ONE_CLIENT = 20
TRY_AGAIN = {"NOT_YET_CONSISTENT", "UNAVAILABLE"}
LONG = {"Consistency-Timeout-Ms": "4000"}

ORDER = "query ($id: ID!) { order(id: $id) { id version lines { sku } } }"
CUSTOMER = "query ($id: ID!) { customer(id: $id) { id name } }"
PRODUCT = "query ($sku: String!) { product(sku: $sku) { sku name } }"
SEARCH = "query ($text: String!) { products(text: $text) { nodes { sku name } } }"


async def ask(gateway: httpx.AsyncClient, query: str, token: str, **variables: Any) -> dict[str, Any]:
    """What the gateway answers; where it is not there yet, or has too much to do, what it answers then."""
    headers = {"Consistency-Token": token, **LONG}
    while True:
        try:
            answer = await gateway.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        except httpx.TransportError:  # of a connection that was idle for too long
            continue
        body: dict[str, Any] = answer.json()
        if not TRY_AGAIN & {error["extensions"]["code"] for error in body.get("errors", ())}:
            return body


def token_of(answer: httpx.Response) -> str:
    assert answer.status_code in (200, 201), answer.text
    token: str = answer.headers["Consistency-Token"]
    return token


class Shoppers:
    """Write and read again, at once: what each did not see is a miss.

    They are few: a client of httpx looks at all its requests for each of them. With a thousand in one, the process
    stood still for longer than a service keeps an idle connection, and wrote into a closed one.
    """

    def __init__(self, customer: dict[str, Any], line: dict[str, Any]) -> None:
        self._http = {
            name: httpx.AsyncClient(base_url=client(name).base_url, timeout=120, verify=False)
            for name in ("orders", "customers", "products", "gateway")
        }
        self._customer, self._line = customer, line
        self.missed: list[Any] = []

    async def run(self, pairs: int) -> None:
        kinds = (self.order, self.order, self.customer, self.product, self.found_product)
        await asyncio.gather(*(kinds[number % len(kinds)](number) for number in range(pairs)))
        for http in self._http.values():
            await http.aclose()

    async def order(self, _: int) -> None:
        body = {"customerId": self._customer["id"], "lines": [self._line]}
        placed = await self._write("orders", "/orders", body)
        said = await ask(self._http["gateway"], ORDER, token_of(placed), id=placed.json()["id"])
        self._check(said, said.get("data", {}).get("order") and said["data"]["order"]["version"] == 1)

    async def customer(self, number: int) -> None:
        person = {"name": f"Ana {number}", "lastName": "Trujillo", "email": f"{uuid4()}@example.com"}
        made = await self._write("customers", "/customers", person)
        said = await ask(self._http["gateway"], CUSTOMER, token_of(made), id=made.json()["id"])
        self._check(said, said.get("data", {}).get("customer") and said["data"]["customer"]["name"] == f"Ana {number}")

    async def product(self, _: int) -> None:
        sku, made = await self._made_product()
        said = await ask(self._http["gateway"], PRODUCT, token_of(made), sku=sku)
        self._check(said, said.get("data", {}).get("product") and said["data"]["product"]["name"] == f"New {sku}")

    async def found_product(self, _: int) -> None:
        sku, made = await self._made_product()
        said = await ask(self._http["gateway"], SEARCH, token_of(made), text=f"New {sku}")
        found = (said.get("data") or {}).get("products") or {"nodes": []}
        self._check(said, {"sku": sku, "name": f"New {sku}"} in found["nodes"])

    async def _made_product(self) -> tuple[str, httpx.Response]:
        sku = f"T-{uuid4().hex[:12]}"
        body = {"sku": sku, "name": f"New {sku}", "price": "12.50", "currency": "USD"}
        return sku, await self._write("products", "/products", body)

    async def _write(self, service: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """As a client should: after a broken connection, or a service with too much to do, again with the same key."""
        key = a_key()
        while True:
            try:
                return await posted(self._http[service], path, body, key)
            except httpx.TransportError:
                continue

    def _check(self, said: dict[str, Any], is_seen: Any) -> None:
        if not is_seen:
            self.missed.append(said)


async def a_line() -> tuple[dict[str, Any], dict[str, Any]]:
    customer = await a_customer()
    address, product = await an_address(customer), await a_product()
    return customer, {"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}


async def an_order() -> tuple[str, str]:
    """The id of an order just placed, and the token of that."""
    customer, line = await a_line()
    async with client("orders") as http:
        placed = await http.post("/orders", json={"customerId": customer["id"], "lines": [line]}, headers=a_key())
    return placed.json()["id"], token_of(placed)


@pytest.mark.parametrize("pairs", [200, pytest.param(1000, marks=pytest.mark.drill)])
async def test_of_many_writes_that_are_read_at_once_none_is_missed(pairs: int) -> None:
    customer, line = await a_line()
    groups = [Shoppers(customer, line) for _ in range(pairs // AT_ONE_CLIENT)]

    await asyncio.gather(*(shoppers.run(AT_ONE_CLIENT) for shoppers in groups))

    assert [missed for shoppers in groups for missed in shoppers.missed] == []


async def test_what_has_not_arrived_in_time_is_told_with_the_lag_and_seen_later(system: dict[str, str]) -> None:
    async with client("gateway") as gateway:
        with frozen(system, "orders_stream"):
            order, token = await an_order()
            body = {"query": ORDER, "variables": {"id": order}}
            headers = {"Consistency-Token": token, "Consistency-Timeout-Ms": "300"}
            late = await gateway.post("/graphql", json=body, headers=headers)
            waiting = asyncio.create_task(ask(gateway, ORDER, token, id=order))
        seen = await waiting

    [error] = late.json()["errors"]
    assert (late.status_code, late.headers["Retry-After"]) == (503, "1")
    assert error["extensions"]["code"] == "NOT_YET_CONSISTENT"
    assert error["extensions"]["awaited"] == [token]
    assert error["extensions"]["lagMs"]["orders"] >= 0
    assert seen["data"]["order"]["id"] == order


async def test_who_waits_is_woken_though_the_ear_was_cut_off(system: dict[str, str]) -> None:
    async with client("gateway") as gateway:
        with frozen(system, "orders_stream"):
            order, token = await an_order()
            waiting = asyncio.create_task(ask(gateway, ORDER, token, id=order))
            await cut_off_the_gateway()
        seen = await waiting
    assert seen["data"]["order"]["id"] == order


async def cut_off_the_gateway() -> None:
    """All its connections: the one that listens, and those that wait for their next statement."""
    gateway = Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    cut = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE usename = current_user AND pid <> pg_backend_pid()
    """
    assert await gateway.fetchval(cut, ()) > 0
    await gateway.close()


async def test_a_killed_projection_is_waited_for(system: dict[str, str]) -> None:
    async with client("gateway") as gateway:
        os.kill(supervisor.states(system)["orders_stream"]["pid"], signal.SIGKILL)
        order, token = await an_order()

        async def is_seen() -> None:
            said = await ask(gateway, ORDER, token, id=order)
            assert "errors" not in said, said
            assert said["data"]["order"]["id"] == order

        await eventually(is_seen)


async def test_every_answer_says_how_fresh_it_is(system: dict[str, str]) -> None:
    async def is_fresh() -> None:
        said = await say("{ orders(first: 1) { totalCount } }")
        fresh = said["extensions"]["freshness"]
        assert fresh.keys() == {"customers", "orders", "products", "inventory", "shipping", "stores", "search"}
        assert all(source["stale"] is False and source["lagMs"] >= 0 for source in fresh.values()), fresh

    await eventually(is_fresh)
    with frozen(system, "connect"):

        async def is_refused() -> None:
            said = await say("query @fresh(maxStalenessMs: 3000) { orders(first: 1) { totalCount } }")
            assert "errors" in said
            [error] = said["errors"]
            assert error["extensions"]["code"] == "STALE"
            assert error["extensions"]["lagMs"].keys() == {"orders"}
            assert error["extensions"]["lagMs"]["orders"] > 3000

        await eventually(is_refused)
        shown = await say("{ orders(first: 1) { totalCount } }")
    assert "errors" not in shown
    await eventually(is_fresh)


async def say(query: str) -> dict[str, Any]:
    async with client("gateway") as gateway:
        answer = await gateway.post("/graphql", json={"query": query})
    body: dict[str, Any] = answer.json()
    return body


async def test_a_directive_waits_as_a_header_does() -> None:
    order, token = await an_order()

    said = await say(f'{{ order(id: "{order}") @after(token: "{token}", timeoutMs: 4000) {{ id }} }}')

    assert said["data"] == {"order": {"id": order}}


async def test_a_token_that_is_none_is_bad_input() -> None:
    for token in ("x", "order:1", "order:x:1", "cart:1:1", "order:0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f:x", ","):
        said = await say(f'query @after(token: "{token}") {{ __typename }}')
        assert said["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", token
