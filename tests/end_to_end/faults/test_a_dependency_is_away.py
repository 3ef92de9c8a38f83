"""A store that is away: 503 with Retry-After, nothing half-written, and all is well when it comes back."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from contracts.catalogue import CONSUMED
from local import supervisor
from local.environment import brings_mysql
from oms.inspect.dead_letters import open_letters
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_key, a_product, an_address, client, made
from tests.support.system.freezing import frozen, stopped
from tests.support.views.comparison import assert_views_equal_mysql, mysql_rows


async def an_order() -> dict[str, Any]:
    """What to POST for an order that would be taken."""
    customer = await a_customer()
    address, product = await an_address(customer), await a_product()
    lines = [{"sku": product["sku"], "quantity": 1, "deliveryAddressId": address["id"]}]
    body = {"customerId": customer["id"], "lines": lines}
    await made("orders", "/orders", body)
    return body


async def test_without_mysql_an_order_is_refused_and_nothing_is_written(system: dict[str, str]) -> None:
    if not brings_mysql(system):
        pytest.skip("this server is not ours here")
    body = await an_order()
    before = set(await mysql_rows("orders.order", "order_id"))

    with frozen(system, "mysql"):
        async with client("orders") as http:
            refused = await http.post("/orders", json=body, headers=a_key())
            ready = await http.get("/health/ready")

    assert refused.status_code == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "1"
    assert ready.status_code == 503
    assert "mysql" in ready.json()["missing"]
    after = set(await mysql_rows("orders.order", "order_id"))
    assert after == before
    await eventually(lambda: made("orders", "/orders", body))
    await eventually(assert_views_equal_mysql)


async def test_without_postgres_the_stream_waits_alive_and_loses_nothing(system: dict[str, str]) -> None:
    body = await an_order()
    await eventually(assert_views_equal_mysql)
    before = supervisor.states(system)["orders_stream"]["pid"]
    letters = await open_letters(CONSUMED)  # a view that was read anew has those of what other tests made bad again

    with stopped(system, "postgres"):
        for _ in range(20):
            await made("orders", "/orders", body)
        await eventually(_orders_are_tried_again)
        async with client("orders_stream") as http:
            live = await http.get("/health/live")
            ready = await http.get("/health/ready")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert "postgres" in ready.json()["missing"]
    await eventually(_views_equal_mysql_again)
    assert supervisor.states(system)["orders_stream"]["pid"] == before
    assert await open_letters(CONSUMED) == letters


async def _orders_are_tried_again() -> None:
    async with client("orders_stream") as http:
        metrics = (await http.get("/metrics")).text
    assert 'oms_retries_total{topic="order"}' in metrics


async def _views_equal_mysql_again() -> None:
    try:
        await assert_views_equal_mysql()
    except (OSError, asyncpg.PostgresError) as error:  # Postgres is still starting
        raise AssertionError(repr(error)) from error


async def test_without_search_products_are_still_found_by_sku(system: dict[str, str]) -> None:
    product = await a_product()

    with frozen(system, "elasticsearch"):
        async with client("products") as http:
            by_sku = await http.get(f"/products/{product['sku']}")
            by_text = await http.get("/products", params={"text": "thing"})

    assert by_sku.status_code == 200
    assert by_text.status_code == 503
    assert "Retry-After" in by_text.headers


async def test_orders_are_taken_while_the_stream_and_the_other_services_are_down(system: dict[str, str]) -> None:
    body = await an_order()

    with (
        frozen(system, "orders_stream"),
        frozen(system, "customers"),
        frozen(system, "products"),
        frozen(system, "connect"),
    ):
        order = await made("orders", "/orders", body)

    assert order["status"] == "placed"
    await eventually(assert_views_equal_mysql)
