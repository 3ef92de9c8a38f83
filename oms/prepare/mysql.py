"""MySQL: the databases of services and stores, an account for each, the accounts of Debezium and of the reconciliation.

Each account has its own database and no other: `oms_cdc` may read the captured tables, follow the binlog and write the
heartbeats; `oms_reconcile` may raise the version of captured rows and record that of a deletion.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from os import environ
from secrets import token_urlsafe

import pymysql

from chassis.databases.mysql import Connection, Database
from chassis.settings import mysql, required
from contracts.heartbeats import SOURCES
from reconciliation.stock.databases import stores as started_stores
from reconciliation.stock.repair import CENTRAL_GRANTS, STORE_GRANTS
from reconciliation.tables import TABLES

SERVICES = {
    "customers": "OMS_CUSTOMERS_DB_PASSWORD",
    "products": "OMS_PRODUCTS_DB_PASSWORD",
    "orders": "OMS_ORDERS_DB_PASSWORD",
    "inventory": "OMS_INVENTORY_DB_PASSWORD",
    "shipping": "OMS_SHIPPING_DB_PASSWORD",
}
CDC, RECONCILE = "oms_cdc", "oms_reconcile"
NO_TABLE = 1146
"""MySQL's error number for a missing table."""
_STORE_PASSWORD = re.compile(r"OMS_(STORE_[A-Z0-9_]+)_DB_PASSWORD")


def stores(variables: Mapping[str, str] = environ) -> dict[str, str]:
    """The database of each store that has a password in the environment, with the variable of the password.

    The account has the name of the database: see `stores/settings.py`.
    """
    found = (_STORE_PASSWORD.fullmatch(name) for name in variables)
    return {match[1].lower(): match[0] for match in found if match}


async def prepare_mysql() -> None:
    """Create all databases, an account for each service and store, and the accounts of Debezium and reconciliation."""
    async with administrator() as connection:
        await _create_account(connection, CDC, required("OMS_CDC_PASSWORD"))
        await connection.execute(f"GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {CDC}@'%%'")
        for name, variable in (SERVICES | stores()).items():
            await create_database(connection, name, required(variable))
        for source in SOURCES:
            if source.database not in SERVICES:
                await _create_captured(connection, source.database)
            granted = f"`{source.database}`.`{source.heartbeat.name}`"
            await connection.execute(f"GRANT CREATE, INSERT, UPDATE ON {granted} TO {CDC}@'%%'")
        await _create_account(connection, RECONCILE, required("OMS_RECONCILE_DB_PASSWORD"))
        await _grant_repair(connection)


async def grant_repair() -> None:
    """Grant `oms_reconcile` its privileges on the tables that exist.

    Services create their tables after the first `oms prepare`, so a repair calls this again.
    """
    async with administrator() as connection:
        await _grant_repair(connection)


async def create_store(name: str, password: str | None, new_password: Callable[[], str] = token_urlsafe) -> str | None:
    """Create the database and the account of a store, as far as they are missing.

    The account gets `password`. Without one, an account that exists keeps its own, and a new one gets
    `new_password()`, which is returned.
    """
    new = None
    async with administrator() as connection:
        is_there = await connection.fetch_all("SHOW DATABASES LIKE %s", [name.replace("_", r"\_")])
        if password is None and not is_there:
            password = new = new_password()
        if password is not None:
            await create_database(connection, name, password)
    return new


async def create_database(connection: Connection, name: str, password: str) -> None:
    """Create the database of a service or store, which Debezium may read, and its account of the same name."""
    await _create_captured(connection, name)
    await _create_account(connection, name, password)
    await connection.execute(f"GRANT ALL ON {_pattern(name)}.* TO `{name}`@'%%'")


@asynccontextmanager
async def administrator() -> AsyncIterator[Connection]:
    """A connection of the administrator, which creates what is missing: that a thing exists already is no warning."""
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r".*\bexists\b", pymysql.err.Warning)
            async with admin.reading() as connection:
                yield connection
    finally:
        await admin.close()


async def _create_captured(connection: Connection, name: str) -> None:
    await connection.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
    await connection.execute(f"GRANT SELECT ON {_pattern(name)}.* TO {CDC}@'%%'")


def _pattern(database: str) -> str:
    """The name in a grant on a whole database, where an unescaped `_` is any character."""
    return "`{}`".format(database.replace("_", r"\_"))


async def _grant_repair(connection: Connection) -> None:
    for table in TABLES.values():
        grants = {table.name: "SELECT, UPDATE (version)"}
        if table.lines:
            grants[table.lines.topic.name] = "SELECT, UPDATE (version)"
        if table.deleted_keys:
            grants[table.deleted_keys.table] = "SELECT, INSERT, UPDATE"
        for name, granted in grants.items():
            await _grant_if_present(connection, granted, f"`{table.database}`.`{name}`")
    for name, granted in CENTRAL_GRANTS.items():
        await _grant_if_present(connection, granted, f"`inventory`.`{name}`")
    for store in await started_stores(connection):
        for name, granted in STORE_GRANTS.items():
            await _grant_if_present(connection, granted, f"`{store.database}`.`{name}`")


async def _grant_if_present(connection: Connection, granted: str, table: str) -> None:
    try:
        await connection.execute(f"GRANT {granted} ON {table} TO {RECONCILE}@'%%'")
    except pymysql.err.ProgrammingError as error:
        if error.args[0] != NO_TABLE:
            raise


async def _create_account(connection: Connection, name: str, password: str) -> None:
    await connection.execute(f"CREATE USER IF NOT EXISTS `{name}`@'%%' IDENTIFIED BY %s", [password])
    await connection.execute(f"ALTER USER `{name}`@'%%' IDENTIFIED BY %s", [password])
