"""A connector task that failed is started again by itself, and what was written meanwhile arrives."""

from __future__ import annotations

import aiomysql
import httpx

from chassis import addresses, settings
from connectors.causes import is_running
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, graphql
from tests.support.views.comparison import assert_views_equal_mysql

NAME = "oms-customers"


async def test_it_comes_back_once_the_cause_is_mended(system: dict[str, str]) -> None:
    await _let_debezium_log_in_with(system, "not the password")
    try:
        async with httpx.AsyncClient(base_url=addresses.url("connect"), timeout=60) as connect:
            await connect.post(f"/connectors/{NAME}/restart?includeTasks=true")
        await eventually(lambda: _has_failed())
        customer = await a_customer()
    finally:
        await _let_debezium_log_in_with(system, system["OMS_CDC_PASSWORD"])

    await eventually(lambda: _runs())
    await eventually(lambda: _is_shown(customer["id"]))
    await eventually(assert_views_equal_mysql)


async def test_each_connector_says_that_it_runs() -> None:
    async with httpx.AsyncClient(base_url=addresses.url("connect")) as connect:
        for name in ("oms-customers", "oms-products", "oms-orders"):
            state = (await connect.get(f"/connectors/{name}/tasks/0/status")).json()["state"]
            shown = (await connect.get(f"/connectors/{name}/config")).text

            assert state == "RUNNING"
            assert "${env:OMS_CDC_PASSWORD}" in shown


async def _let_debezium_log_in_with(system: dict[str, str], password: str) -> None:
    admin = settings.mysql(system.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None)
    connection = await aiomysql.connect(host=admin.host, port=admin.port, user=admin.user, password=admin.password)
    try:
        async with connection.cursor() as cursor:
            await cursor.execute("ALTER USER oms_cdc@'%%' IDENTIFIED BY %s", [password])
    finally:
        connection.close()


async def _status() -> dict[str, object]:
    async with httpx.AsyncClient(base_url=addresses.url("connect"), timeout=60) as connect:
        status: dict[str, object] = (await connect.get(f"/connectors/{NAME}/status")).json()
    return status


async def _has_failed() -> None:
    assert '"FAILED"' in httpx.Response(200, json=await _status()).text


async def _runs() -> None:
    status = await _status()
    assert is_running(status), status


async def _is_shown(customer_id: str) -> None:
    shown = await graphql("query ($id: ID!) { customer(id: $id) { id } }", id=customer_id)
    assert shown["customer"] == {"id": customer_id}
