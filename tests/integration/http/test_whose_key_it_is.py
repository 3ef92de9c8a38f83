"""Within what an Idempotency-Key is unique: the client's name, never the network address that a request comes from."""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import psutil
import pytest

from chassis import addresses
from chassis.databases.migrations import files, statements
from chassis.databases.mysql import Connection, Database
from chassis.rest import idempotency
from customers.api import app as customers_app
from customers.settings import database as customers_database
from orders.api import app as orders_app
from orders.replica import repository as replica
from orders.settings import MIGRATIONS
from products.api import app as products_app
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.shop.builders import client
from tests.support.shop.people import ana, kind
from tests.support.shop.small_shop import a_product, body, open_shop, place
from tests.support.system.processes import process

NAMES = {"none": [], "valid": ["storefront"], "other": ["till"], "malformed": ["a b"], "twice": ["till", "till"]}
ADDRESSES = ("127.0.0.1", "127.0.0.2", "::1")

IS_NO_NAME = (400, "client-id-invalid")


async def post(app: Any, address: str, names: list[str], key: str, body: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(address, 1))
    headers = [("Idempotency-Key", key), *(("X-Client-Id", name) for name in names)]
    async with httpx.AsyncClient(transport=transport, base_url="http://app", timeout=30) as client:
        return await client.post("/customers", json=body, headers=headers)


def outcome(answer: httpx.Response) -> str:
    """What became of a request, in a word."""
    if answer.status_code == 201:
        return "replayed" if "Idempotent-Replayed" in answer.headers else "made"
    return kind(answer)[1]


def expected(first: str, later: str) -> list[str]:
    """What becomes of a request, of the same again, and of another one under its key."""
    if later in ("malformed", "twice"):
        again = ["client-id-invalid"] * 2
    elif first in ("malformed", "twice"):
        again = ["made", "idempotency-key-reused"]
    elif first == later:
        again = ["replayed", "idempotency-key-reused"]
    else:
        again = ["email-taken", "made"]
    return ["client-id-invalid" if first in ("malformed", "twice") else "made", *again]


@pytest.mark.parametrize(("first", "later"), list(product(NAMES, NAMES)))
async def test_a_key_is_its_client_s_over_all_networks(servers: dict[str, str], first: str, later: str) -> None:
    app = customers_app()
    async with running(app):
        for there, here in product(ADDRESSES, ADDRESSES):
            key, person, other = str(uuid4()), ana(), ana()
            answers = [
                await post(app, there, NAMES[first], key, person),
                await post(app, here, NAMES[later], key, person),
                await post(app, here, NAMES[later], key, other),
            ]

            assert [outcome(answer) for answer in answers] == expected(first, later)


@pytest.mark.parametrize("app", [customers_app, products_app, orders_app])
async def test_a_malformed_name_is_refused_everywhere(servers: dict[str, str], app: Callable[[], Any]) -> None:
    async with running(app()) as client:
        for path in ("/openapi.json", "/nothing", "/orders", "/products", "/customers"):
            assert kind(await client.get(path, headers={"X-Client-Id": "a b"})) == IS_NO_NAME
        assert (await client.get("/health/live", headers={"X-Client-Id": "a b"})).status_code == 200


async def test_an_address_is_in_no_history(own_database: Database) -> None:
    async with open_shop(own_database) as orders:
        headers = {"Idempotency-Key": str(uuid4())}
        nameless = (await orders.post("/orders", json=body(), headers=headers)).json()
        named = (await orders.post("/orders", json=body(), headers=headers | {"X-Client-Id": "till"})).json()

        callers = [(await orders.get(f"/orders/{each['id']}/history")).json()["items"] for each in (nameless, named)]

    assert [[each["caller"] for each in history] for history in callers] == [[None], ["till"]]


STORED = {
    "127.0.0.1": None,
    "10.1.2.3:4567": None,
    "::1": None,
    "2001:db8::7": None,
    "2001:db8:0:0:0:0:0:7": None,
    "0:0:0:0:0:ffff:10.1.2.3": None,
    "fe80::1%eth0": None,
    "unknown": None,
    "storefront": "storefront",
    "till:7": "till:7",
    "a:b:c": "a:b:c",
    "1.2": "1.2",
    "shop@10.0.0.1": "shop@10.0.0.1",
    "orders-worker": "orders-worker",
}


async def apply(connection: Connection, folder: Path, name: str) -> None:
    [file] = [each for each in files(folder) if each.name == name]
    for statement in statements(file.read_text()):
        await connection.execute(statement)


async def test_stored_addresses_are_removed_from_the_history(own_database: Database) -> None:
    order_id, stored = str(uuid4()), list(STORED)
    async with open_shop(own_database), own_database.reading() as connection:
        for version, caller in enumerate(stored, 1):
            row = (order_id, version, caller)
            await connection.execute("INSERT INTO order_history VALUES (%s, %s, NULL, 'x', 'x', %s, NULL, NOW())", row)

        await apply(connection, MIGRATIONS, "0003_no_addresses_in_the_history.sql")

        rows = await connection.fetch_all(
            "SELECT caller FROM order_history WHERE order_id = %s ORDER BY to_version", [order_id]
        )
    assert [row["caller"] for row in rows] == list(STORED.values())


async def test_stored_addresses_are_removed_from_the_keys(servers: dict[str, str]) -> None:
    key, twice, own = str(uuid4()), str(uuid4()), customers_database()
    async with running(customers_app()), own.reading() as connection:
        for caller in STORED:
            await connection.execute(idempotency.INSERT, (caller, f"{key} {caller}", "", 201, "{}", "", None))
        for caller in ("127.0.0.1", "::1", "till"):
            await connection.execute(idempotency.INSERT, (caller, twice, "", 201, "{}", "", None))

        await apply(connection, idempotency.MIGRATIONS, "0002_no_addresses.sql")

        rows = await connection.fetch_all("SELECT caller, idempotency_key FROM idempotency_key")
    await own.close()
    scopes = {row["idempotency_key"]: row["caller"] for row in rows if row["idempotency_key"].startswith(key)}
    assert scopes == {f"{key} {caller}": name or "" for caller, name in STORED.items()}
    assert sorted(row["caller"] for row in rows if row["idempotency_key"] == twice) == ["", "till"]


@asynccontextmanager
async def stopped(service: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """The process stands still as long as the block runs."""
    service.send_signal(signal.SIGSTOP)
    try:
        await eventually(lambda: _stands_still(service.pid))
        yield
    finally:
        service.send_signal(signal.SIGCONT)


def _stands_still(pid: int) -> None:
    assert psutil.Process(pid).status() == psutil.STATUS_STOPPED


def by_reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def request(key: str, order: dict[str, Any]) -> bytes:
    """POST /orders as it is sent."""
    content = orjson.dumps(order)
    lines = ["POST /orders HTTP/1.1", "Host: app", "Content-Type: application/json", f"Idempotency-Key: {key}"]
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


async def orders_of(own_database: Database, sku: str) -> int:
    """How many orders there are of a product."""
    async with own_database.reading() as connection:
        found = await connection.fetch_all("SELECT DISTINCT order_id FROM order_detail WHERE sku = %s", [sku])
    return len(found)


@pytest.fixture
async def sku(own_database: Database) -> str:
    """A product that only this test orders."""
    sku = f"K-{uuid4().hex[:8]}"
    async with open_shop(own_database), own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku)])
    return sku


async def test_an_order_that_is_sent_over_two_networks_is_placed_once(own_database: Database, sku: str) -> None:
    key, order, answers = str(uuid4()), body({"sku": sku}), []
    async with process("orders"):
        for address in ("127.0.0.1", "127.0.0.2"):
            transport = httpx.AsyncHTTPTransport(local_address=address)
            async with httpx.AsyncClient(base_url=addresses.url("orders"), transport=transport) as client:
                answers.append(await place(client, order, key))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert await orders_of(own_database, sku) == 1


@pytest.mark.parametrize("is_known", [False, True], ids=["new", "kept alive"])
@pytest.mark.parametrize("leave", [by_reset, socket.socket.close], ids=["by reset", "by end"])
async def test_the_order_of_a_client_that_did_not_wait_is_placed_once(
    own_database: Database, sku: str, leave: Callable[[socket.socket], None], is_known: bool
) -> None:
    key, order = str(uuid4()), body({"sku": sku})
    async with process("orders") as service, client("orders") as http:
        impatient = socket.create_connection((addresses.host("orders"), addresses.port("orders")))
        if is_known:
            impatient.sendall(b"GET /health/live HTTP/1.1\r\nHost: app\r\n\r\n")
            assert b"200 OK" in impatient.recv(10_000)
        async with stopped(service):
            if not is_known:
                impatient.close()
                impatient = socket.create_connection((addresses.host("orders"), addresses.port("orders")))
            impatient.sendall(request(key, order))
            leave(impatient)
        again = await place(http, order, key)

    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers
    assert await orders_of(own_database, sku) == 1
