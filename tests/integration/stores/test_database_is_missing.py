"""A store whose database is dropped while it runs says so, and does not call it a fault of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pymysql
import pytest
from structlog.testing import capture_logs

from chassis.databases.mysql import DatabaseMissing
from oms.prepare.mysql import create_store
from stores import api
from stores.settings import database
from tests.support.apps import running
from tests.support.system.binlogs import administrator

NAME = "store_lost"
DETAIL = f"The database {NAME} is missing; restore it."


async def run_by_admin(*statements: str) -> None:
    async with administrator() as admin:
        for statement in statements:
            await admin.execute(statement)


@pytest.fixture
async def store(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A store with a database of its own, which is used and dropped afterwards."""
    monkeypatch.setenv("OMS_STORE_ID", "lost")
    monkeypatch.setenv("OMS_STORE_LOST_DB_PASSWORD", "secret")
    await create_store(NAME, "secret")
    async with running(api.app()) as client:
        yield client
    with suppress(pymysql.err.MySQLError):
        await run_by_admin(f"DROP DATABASE {NAME}")
    await run_by_admin(f"DROP USER {NAME}@'%%'")


async def answers(store: httpx.AsyncClient) -> list[httpx.Response]:
    movement = {"sku": "A", "delta": 1, "reason": "received"}
    return [
        await store.get("/stores/lost/stock"),
        await store.get("/stores/lost/stock/A"),
        await store.post("/stores/lost/stock-movements", json=movement, headers={"Idempotency-Key": "1"}),
    ]


async def test_a_missing_database_is_an_outage_with_its_reason(store: httpx.AsyncClient) -> None:
    assert [each.status_code for each in await answers(store)] == [200, 404, 201]
    await run_by_admin(f"DROP DATABASE {NAME}")

    with capture_logs() as logs:
        refused, ready = [*await answers(store), *await answers(store)], await store.get("/health/ready")

    assert {(each.status_code, each.json()["detail"]) for each in refused} == {(503, DETAIL)}
    assert all("Retry-After" in each.headers for each in refused)
    assert (ready.status_code, ready.json()["missing"]) == (503, {"mysql": DETAIL})
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_a_database_that_was_made_anew_without_tables_is_not_ready(store: httpx.AsyncClient) -> None:
    await run_by_admin(f"DROP DATABASE {NAME}")
    await create_store(NAME, "secret")

    ready = await store.get("/health/ready")

    assert ready.status_code == 503
    assert f"{NAME}.schema_migration" in ready.json()["missing"]["mysql"]


async def test_a_service_waits_for_a_database_that_is_not_there_yet(
    servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_STORE_ID", "nowhere")
    monkeypatch.setenv("OMS_STORE_NOWHERE_DB_PASSWORD", "secret")
    await create_store("store_nowhere", "secret")
    await run_by_admin("DROP DATABASE store_nowhere")
    own = database()
    try:
        with pytest.raises(DatabaseMissing):
            await own.ping()
    finally:
        await own.close()
        await run_by_admin("DROP USER store_nowhere@'%%'")
