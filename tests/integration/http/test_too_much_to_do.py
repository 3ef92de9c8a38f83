"""A database that is slow, and many clients that try again: what is begun is finished, the rest is refused early."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from chassis.databases.mysql import Database
from chassis.http import middleware
from orders.api import app
from orders.replica import repository as replica
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.shop.people import kind
from tests.support.shop.small_shop import a_product, body, open_shop, place
from tests.support.system.freezing import frozen

CLIENTS = 500
CONNECTIONS = 4
MOST_WAITING = 40
AT_A_TIME = 60

REFUSED = {(503, "dependency-unavailable"), (409, "request-in-flight")}


@dataclass
class Shop:
    """What clients of it were told, and how many requests waited at most."""

    sku: str
    service: Database
    outcomes: Counter[str] = field(default_factory=Counter)
    max_waiting: int = 0

    async def order(self, http: httpx.AsyncClient) -> str:
        """Place one order, however often that must be tried; its id."""
        key = str(uuid4())
        while True:
            answer = await place(http, body({"sku": self.sku}), key)
            self.max_waiting = max(self.max_waiting, len(self.service._pool._waiting_for_admission))
            assert len(self.service._pool._waiting) <= MOST_WAITING
            if answer.status_code == 201:
                self.outcomes["placed"] += 1
                return str(answer.json()["id"])
            assert kind(answer) in REFUSED, answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            self.outcomes["refused"] += 1

    async def until(self, outcome: str) -> None:
        """Return when some more clients were told so, or all are done."""
        enough = min(self.outcomes[outcome] + AT_A_TIME, CLIENTS if outcome == "placed" else 10**9)

        def is_enough() -> None:
            assert self.outcomes[outcome] >= enough or self.outcomes["placed"] == CLIENTS

        await eventually(is_enough)


@pytest.fixture
def _small_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_MYSQL_POOL_SIZE", str(CONNECTIONS))
    monkeypatch.setenv("OMS_MYSQL_MAX_WAITING", str(MOST_WAITING))


@pytest.mark.usefixtures("_small_pool")
async def test_five_hundred_clients_that_try_again_place_an_order_each(
    servers: dict[str, str], own_database: Database
) -> None:
    async with open_shop(own_database), own_database.transaction() as tx:
        await replica.upsert_products(tx, [a_product(sku := f"B-{uuid4().hex[:8]}")])
    service = app()
    shop = Shop(sku, service.state.database)

    async with running(service) as http:
        clients = [asyncio.create_task(shop.order(http)) for _ in range(CLIENTS)]
        for _ in range(3):  # slow: it stands still again and again
            with frozen(servers, "mysql"):
                await shop.until("refused")
            await shop.until("placed")
        ids = await asyncio.gather(*clients)

    async with own_database.reading() as connection:
        made = await connection.fetch_all("SELECT DISTINCT order_id FROM order_detail WHERE sku = %s", [sku])
    assert {row["order_id"] for row in made} == set(ids)
    assert len(made) == CLIENTS
    assert shop.outcomes["refused"] >= 3 * AT_A_TIME
    assert shop.max_waiting == MOST_WAITING


def assert_wait(database: Database) -> None:
    assert (len(database._pool._waiting), len(database._pool._waiting_for_admission)) == (CONNECTIONS, MOST_WAITING)


@asynccontextmanager
async def full(service: Database, begin: Callable[[], None]) -> AsyncIterator[None]:
    """Nobody else may wait for a connection of the service as long as the block runs."""
    async with service.reading(), service.reading(), service.reading(), service.reading():
        begin()
        await eventually(lambda: assert_wait(service))
        yield


@pytest.mark.usefixtures("_small_pool")
async def test_what_is_refused_for_now_is_not_even_read(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_MYSQL_WAIT_TIMEOUT_S", "60")
    monkeypatch.setattr(middleware, "PAUSE_S", 0)
    service, tasks = app(), list[asyncio.Task[httpx.Response]]()

    async with open_shop(own_database), running(service) as http:

        def begin() -> None:
            tasks.extend(asyncio.create_task(place(http, body())) for _ in range(CONNECTIONS + MOST_WAITING))

        async with full(service.state.database, begin):
            unread = await http.post("/orders", content=b"{", headers={"Content-Type": "application/json"})
            ready = await http.get("/health/ready")
        answers = await asyncio.gather(*tasks)

    assert kind(unread) == (503, "dependency-unavailable")
    assert ready.status_code == 200
    assert {answer.status_code for answer in answers} == {201}
