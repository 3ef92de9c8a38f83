"""What MySQL and Postgres say in an outage, and of a wrong statement: 503, and 500 with a log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from os import environ

import asyncpg
import pymysql
import pytest
from structlog.testing import capture_logs

from chassis.databases.mysql import Database
from chassis.databases.mysql_errors import number
from chassis.databases.postgres import Database as Postgres
from chassis.http.errors.problems import Unavailable
from chassis.settings import mysql, postgres
from customers.settings import database as customers_database


@pytest.fixture
async def one(servers: dict[str, str]) -> AsyncIterator[Database]:
    """The database of `orders` by a single connection."""
    made = Database(replace(mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"), pool_size=1))
    async with made.reading() as connection:
        await connection.execute("CREATE TABLE thing (id INT PRIMARY KEY)")
    yield made
    async with made.reading() as connection:
        await connection.execute("DROP TABLE thing")
    await made.close()


async def _in_a_transaction(database: Database, sql: str) -> None:
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO thing VALUES (1)")
        await tx.execute(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM nowhere", 1146),
        ("SELECT nothing FROM thing", 1054),
        ("SELECT FROM", 1064),
        ("SELECT no_such_function(1)", 1305),
        ("INSERT INTO thing VALUES (1, 2)", 1136),
        ("SELECT * FROM mysql.user", 1142),
    ],
)
async def test_a_wrong_statement_is_a_bug_and_leaves_nothing(one: Database, sql: str, expected: int) -> None:
    with pytest.raises(pymysql.err.Error) as raised:
        await _in_a_transaction(one, sql)

    assert number(raised.value) == expected
    async with one.reading() as connection:
        assert await connection.fetch_all("SELECT * FROM thing") == []


async def test_a_wrong_password_is_no_outage(servers: dict[str, str]) -> None:
    settings = replace(mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"), password="another")
    database = Database(settings)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("what", ["KILL", "KILL QUERY"])
async def test_what_an_operator_kills_is_an_outage(one: Database, what: str) -> None:
    async with one.reading() as connection:
        known = await connection.fetch_one("SELECT CONNECTION_ID() AS id")
    assert known is not None
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    working = asyncio.create_task(_in_a_transaction(one, "INSERT INTO thing SELECT 2 WHERE sleep(25) = 0"))
    while not working.done():
        with suppress(pymysql.err.OperationalError):  # it is gone already
            async with admin.reading() as connection:
                await connection.execute(f"{what} {known['id']}")
    await admin.close()

    with pytest.raises(Unavailable):
        await working
    async with one.reading() as connection:
        assert await connection.fetch_all("SELECT * FROM thing") == []


async def test_what_takes_too_long_is_an_outage_and_not_what_the_block_waits_for(one: Database) -> None:
    hasty = Database(replace(mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"), timeout_s=0.2))
    with pytest.raises(Unavailable):
        async with hasty.reading() as connection:
            await connection.execute("SELECT sleep(4)")
    with pytest.raises(TimeoutError):
        async with one.transaction():
            raise TimeoutError("of something else")
    with pytest.raises(OSError, match="no space"):
        async with one.transaction():
            raise OSError(28, "no space")
    await one.ping()
    await hasty.close()


async def test_a_service_says_500_for_a_bug_and_logs_it(customers) -> None:
    database = customers_database()
    async with database.reading() as connection:
        await connection.execute("RENAME TABLE customer TO customer_elsewhere")
        try:
            with capture_logs() as logs:
                answer = await customers.get("/customers")
        finally:
            await connection.execute("RENAME TABLE customer_elsewhere TO customer")
    await database.close()

    assert (answer.status_code, answer.json()["type"]) == (500, "urn:oms:problem:internal-error")
    assert "Retry-After" not in answer.headers
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["request failed"]
    assert (await customers.get("/customers")).status_code == 200


@pytest.fixture
async def read_model_database(servers: dict[str, str]) -> AsyncIterator[Postgres]:
    made = Postgres(replace(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"), pool_size=1))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("sql", "parameters", "expected"),
    [
        ("SELECT * FROM nowhere", (), asyncpg.UndefinedTableError),
        ("SELECT nothing", (), asyncpg.UndefinedColumnError),
        ("SELECT FROM WHERE", (), asyncpg.PostgresSyntaxError),
        ("CREATE TABLE pg_catalog.thing ()", (), asyncpg.InsufficientPrivilegeError),
        ("SELECT $1::int", ("no number",), asyncpg.DataError),
        ("SELECT $1::int", (), asyncpg.InterfaceError),
    ],
)
async def test_a_wrong_statement_in_postgres_is_a_bug(read_model_database, sql, parameters, expected) -> None:
    with pytest.raises(expected):
        await read_model_database.fetch(sql, parameters)
    await read_model_database.ping()


@pytest.mark.parametrize("what", ["pg_terminate_backend", "pg_cancel_backend"])
async def test_what_an_operator_ends_in_postgres_is_an_outage(read_model_database, what) -> None:
    with pytest.raises(Unavailable):
        await read_model_database.fetch(f"SELECT {what}(pg_backend_pid())", ())
    await read_model_database.ping()


async def test_a_wrong_account_in_postgres_is_no_outage(servers: dict[str, str]) -> None:
    wrong = replace(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"), password="another")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await Postgres(wrong).ping()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await Postgres(replace(postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"), database="nowhere")).ping()
