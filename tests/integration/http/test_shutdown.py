"""SIGTERM: what a service has begun is finished, what it has not begun is not done, and the process ends well."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import environ
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from chassis import settings
from chassis.databases.mysql import Database
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, client
from tests.support.system.processes import process
from tests.support.views.comparison import mysql_rows

CLIENTS = 32
ENOUGH = 200


async def made_until_the_end(mark: str, made: list[str]) -> str:
    """Make one customer after the other; how the first request that was not answered failed."""
    async with client("customers") as http:
        while True:
            email = f"{uuid4()}@{mark}.example"
            try:
                answer = await http.post("/customers", json={"name": "Ana", "lastName": "Trujillo", "email": email})
            except httpx.TransportError as error:
                return repr(error)
            assert answer.status_code == 201, answer.text
            made.append(email)


@asynccontextmanager
async def locked(customer: dict[str, Any]) -> AsyncIterator[None]:
    """A customer's row, held by somebody else as long as the block runs."""
    database = Database(settings.mysql("customers", "OMS_CUSTOMERS_DB_PASSWORD", "customers"))
    try:
        async with database.transaction() as tx:
            await tx.fetch_one("SELECT 1 FROM customer WHERE customer_id = %s FOR UPDATE", [customer["id"]])
            yield
    finally:
        await database.close()


async def somebody_waits_for_a_lock() -> None:
    admin = environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin")
    database = Database(settings.mysql(admin, "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with database.reading() as connection:
            waiting = await connection.fetch_all(
                "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
            )
    finally:
        await database.close()
    assert waiting


async def nobody_listens() -> None:
    async with client("customers") as http:
        try:
            await http.get("/health/live")
        except httpx.TransportError:
            return
    raise AssertionError("it still takes connections")


async def test_under_load_exactly_what_was_answered_is_there(servers: dict[str, str], tmp_path: Path) -> None:
    mark, made, log = f"m{uuid4().hex}", list[str](), tmp_path / "log"

    def enough_are_made() -> None:
        assert len(made) >= ENOUGH

    async with process("customers", log) as service:
        clients = [asyncio.create_task(made_until_the_end(mark, made)) for _ in range(CLIENTS)]
        await eventually(enough_are_made)
        service.send_signal(signal.SIGTERM)
        await asyncio.gather(*clients)
        exit_code = await service.wait()

    there = {row["email"] for row in (await mysql_rows("customers.customer", "customer_id")).values()}
    assert {email for email in there if email.endswith(f"@{mark}.example")} == set(made)
    assert exit_code == 0
    assert "Traceback" not in log.read_text()
    assert '"level": "error"' not in log.read_text()


async def test_a_request_in_flight_is_finished(servers: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with process("customers", log) as service, client("customers") as http:
        customer = await a_customer()
        async with locked(customer):
            change = {"name": "Maria"}
            changing = asyncio.create_task(
                http.patch(f"/customers/{customer['id']}", json=change, headers={"If-Match": '"1"'})
            )
            await eventually(somebody_waits_for_a_lock)
            service.send_signal(signal.SIGTERM)
            await eventually(nobody_listens)
        answer = await changing
        exit_code = await service.wait()

    assert answer.status_code == 200
    assert answer.json()["name"] == "Maria"
    assert answer.headers["Connection"] == "close"
    assert exit_code == 0
    assert "Traceback" not in log.read_text()
