"""Freshness is known when nobody orders anything; a step that stands still shows, and the others do not."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL
from datetime import UTC, datetime

import pytest

from chassis import settings
from chassis.databases.elasticsearch import client as elasticsearch_client
from chassis.databases.postgres import Database
from contracts.heartbeats import SOURCES
from contracts.products import SEARCH_FRESHNESS
from oms.inspect.lag_of_steps import read_steps
from oms.inspect.step import Step
from tests.support.eventually import eventually
from tests.support.shop.builders import a_key, client, posted
from tests.support.stock.selling import STORE, a_shop
from tests.support.system.freezing import frozen
from tests.support.system.processes import CHECKOUT

LIMIT_S = 5.0


async def test_the_views_become_fresher_while_nothing_happens() -> None:
    moment = datetime.now(UTC)

    async def are_fresher() -> None:
        assert {source: until for source, until in (await read_model()).items() if until > moment}.keys() == {
            "customers",
            "products",
            "orders",
            "inventory",
            "shipping",
        }
        assert await search("products") > moment
        assert await search("inventory") > moment

    await eventually(are_fresher)


@pytest.mark.parametrize(
    ("program", "lagging"),
    [
        ("connect", {f"connector {source.connector}" for source in SOURCES}),
        (
            "orders_stream",
            {
                "customer address → read model",
                "category products → read model",
                "order order_detail → read model",
                "availability sourcing store restock_request stock_policy → read model",
                "shipment order_return depot → read model",
            },
        ),
        ("products_worker", {"products → search index", "sku_availability → search index"}),
        (
            "orders_worker",
            {
                "customer address → replica of orders",
                "products → replica of orders",
                "sourcing → replica of orders",
                "shipment → replica of orders",
            },
        ),
        (
            "inventory_worker",
            {
                "products → inventory",
                "order order_detail → inventory",
                "availability → inventory",
                "stock allocation receipt store_heartbeat → inventory",
                "shipment order_return → inventory",
            },
        ),
        ("shipping_worker", {"customer → shipping", "sourcing → shipping"}),
    ],
)
async def test_a_step_that_stands_still_shows(system: dict[str, str], program: str, lagging: set[str]) -> None:
    await eventually(nothing_lags)

    with frozen(system, program):

        async def shows() -> None:
            late = await steps_that_lag()
            assert late >= lagging
            assert program == "connect" or late == lagging

        await eventually(shows)
        exit_code = await oms_lag()

    assert exit_code == 1
    await eventually(nothing_lags)


async def test_a_store_lags_behind_what_is_sent_to_it(system: dict[str, str]) -> None:
    shop = await a_shop(1)
    body = {"storeId": STORE, "sku": shop.sku, "quantity": 5}
    await eventually(nothing_lags)

    with frozen(system, f"store_{STORE}"):
        async with client("inventory") as http:
            await posted(http, "/restock-requests", body, a_key())  # the supplier is simulated

        async def lags() -> None:
            assert await steps_that_lag() == {f"reservation inbound → store {STORE}"}

        await eventually(lags)

    await eventually(nothing_lags)


async def oms_lag() -> int:
    """What the command ends with."""
    command = (CHECKOUT / ".venv" / "bin" / "oms", "lag", "--limit", str(LIMIT_S))
    process = await asyncio.create_subprocess_exec(*command, env=dict(os.environ), stdout=DEVNULL)
    return await process.wait()


async def nothing_lags() -> None:
    assert await steps_that_lag() == set()


async def steps_that_lag() -> set[str]:
    steps: list[Step] = await read_steps()
    return {step.name for step in steps if not step.is_within(LIMIT_S, datetime.now(UTC))}


async def read_model() -> dict[str, datetime]:
    database = Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            return {row["source"]: row["fresh_until"] for row in await connection.fetch("SELECT * FROM freshness")}
    finally:
        await database.close()


async def search(source: str) -> datetime:
    client = elasticsearch_client()
    try:
        found = await client.get(index=SEARCH_FRESHNESS, id=source)
        return datetime.fromisoformat(found["_source"]["fresh_until"])
    finally:
        await client.close()
