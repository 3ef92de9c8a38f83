"""MySQL: the three databases, an account for each service, the accounts of Debezium and of the reconciliation.

Each account has its own database and no other: `oms_cdc` may read the captured tables, follow the binlog and write the
heartbeats; `oms_reconcile` may raise the version of captured rows and record that of a deletion.
"""

from __future__ import annotations

from os import environ

import pymysql

from chassis.databases.mysql import Connection, Database
from chassis.settings import mysql, required
from reconciliation.tables import TABLES

SERVICES = {
    "customers": "OMS_CUSTOMERS_DB_PASSWORD",
    "products": "OMS_PRODUCTS_DB_PASSWORD",
    "orders": "OMS_ORDERS_DB_PASSWORD",
}
RECONCILE = "oms_reconcile"
NO_TABLE = 1146
"""MySQL's error number for a missing table."""


async def prepare_mysql() -> None:
    """Create the three databases, an account for each service, and the account with which Debezium reads the binlog."""
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with admin.reading() as connection:
            await _create_account(connection, "oms_cdc", required("OMS_CDC_PASSWORD"))
            await connection.execute("GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO oms_cdc@'%%'")
            for name, variable in SERVICES.items():
                await connection.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
                await _create_account(connection, name, required(variable))
                await connection.execute(f"GRANT ALL ON `{name}`.* TO `{name}`@'%%'")
                await connection.execute(f"GRANT SELECT ON `{name}`.* TO oms_cdc@'%%'")
                await connection.execute(f"GRANT CREATE, INSERT, UPDATE ON `{name}`.`{name}_heartbeat` TO oms_cdc@'%%'")
            await _create_account(connection, RECONCILE, required("OMS_RECONCILE_DB_PASSWORD"))
            await _grant_repair(connection)
    finally:
        await admin.close()


async def grant_repair() -> None:
    """Grant `oms_reconcile` its privileges on the tables that exist.

    Services create their tables after the first `oms prepare`, so a repair calls this again.
    """
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with admin.reading() as connection:
            await _grant_repair(connection)
    finally:
        await admin.close()


async def _grant_repair(connection: Connection) -> None:
    for table in TABLES.values():
        grants = {table.name: "SELECT, UPDATE (version)"}
        if table.lines:
            grants[table.lines.topic.name] = "SELECT, UPDATE (version)"
        if table.deleted_keys:
            grants[table.deleted_keys.table] = "SELECT, INSERT, UPDATE"
        for name, granted in grants.items():
            try:
                await connection.execute(f"GRANT {granted} ON `{table.database}`.`{name}` TO {RECONCILE}@'%%'")
            except pymysql.err.ProgrammingError as error:
                if error.args[0] != NO_TABLE:
                    raise


async def _create_account(connection: Connection, name: str, password: str) -> None:
    await connection.execute(f"CREATE USER IF NOT EXISTS `{name}`@'%%' IDENTIFIED BY %s", [password])
    await connection.execute(f"ALTER USER `{name}`@'%%' IDENTIFIED BY %s", [password])
