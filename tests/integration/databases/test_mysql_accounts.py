"""Each account reaches its own database and no other, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pymysql
import pytest

from chassis.databases.mysql import Database
from chassis.settings import mysql
from connectors.registration import create_heartbeat
from oms.prepare.mysql import SERVICES, create_database, stores
from tests.support.system.binlogs import administrator

STORES = {f"store_{each}": f"OMS_STORE_{each.upper()}_DB_PASSWORD" for each in ("lima", "berlin", "seattle")}
ACCOUNTS = {**SERVICES, **STORES}
NAMED_ALIKE = "storeXseattle"
"""`store_seattle` with another character where the underscore is, which is a wildcard in a grant."""


@pytest.fixture
async def named_alike(servers: dict[str, str]) -> AsyncIterator[str]:
    """The database of another account, with a table."""
    async with administrator() as admin:
        await create_database(admin, NAMED_ALIKE, "its own")
        await admin.execute(f"CREATE TABLE {NAMED_ALIKE}.stock (sku VARCHAR(64) NOT NULL PRIMARY KEY)")
        yield NAMED_ALIKE
        await admin.execute(f"DROP DATABASE {NAMED_ALIKE}")
        await admin.execute(f"DROP USER {NAMED_ALIKE}")


@pytest.mark.parametrize("account", sorted(ACCOUNTS))
async def test_an_account_sees_its_own_database_only(account: str, named_alike: str) -> None:
    own = Database(mysql(account, ACCOUNTS[account], account))
    try:
        async with own.reading() as connection:
            rows = await connection.fetch_all("SHOW DATABASES")
            with pytest.raises(pymysql.err.MySQLError, match="denied"):
                await connection.fetch_all(f"SELECT * FROM {named_alike}.stock")
    finally:
        await own.close()

    assert {row["Database"] for row in rows} - {"information_schema", "performance_schema"} == {account}


@pytest.mark.parametrize("account", sorted(STORES))
async def test_a_store_reaches_neither_central_nor_another_store(account: str, servers: dict[str, str]) -> None:
    own = Database(mysql(account, STORES[account], account))
    try:
        async with own.reading() as connection:
            for other in (STORES.keys() | SERVICES.keys() | {"stores"}) - {account}:
                with pytest.raises(pymysql.err.MySQLError, match="denied"):
                    await connection.execute(f"CREATE TABLE `{other}`.written_by_{account} (sku INT)")
    finally:
        await own.close()


async def test_stores_share_a_heartbeat_in_a_database_of_its_own(servers: dict[str, str]) -> None:
    await create_heartbeat("oms-stores")

    async with administrator() as admin:
        found = await admin.fetch_all("SHOW TABLES FROM stores")

    assert [list(row.values()) for row in found] == [["stores_heartbeat"]]


def test_a_store_is_known_by_the_variable_of_its_password() -> None:
    variables = {"OMS_STORE_LIMA_2_DB_PASSWORD": "x", "OMS_STORE_ID": "lima-2", "OMS_ORDERS_DB_PASSWORD": "y"}

    assert stores(variables) == {"store_lima_2": "OMS_STORE_LIMA_2_DB_PASSWORD"}
