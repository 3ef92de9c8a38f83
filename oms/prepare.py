"""What must be there before any service can work: databases, accounts, topics. Safe to repeat; waits for the servers.

Each account has its own database and no other: `oms_cdc` may read what the connectors capture, follow the binlog and
touch the heartbeats, `gateway` may only read the read model, `oms_reconcile` may raise the version of captured rows
and note that of a deletion.
"""

from __future__ import annotations

import asyncio
from os import environ

import asyncpg
import pymysql

from chassis import logs
from chassis.databases.mysql import Connection, Database
from chassis.logs import logger
from chassis.retrying import until_done
from chassis.settings import PostgresSettings, mysql, postgres, required
from oms.inspect.kafka import be_quiet
from oms.inspect.topics import create_topics
from reconciliation.tables import TABLES

log = logger(__name__)

SERVICES = {
    "customers": "OMS_CUSTOMERS_DB_PASSWORD",
    "products": "OMS_PRODUCTS_DB_PASSWORD",
    "orders": "OMS_ORDERS_DB_PASSWORD",
}
RECONCILE = "oms_reconcile"
NO_TABLE = 1146
"""MySQL's number for a table that is not there."""

POSTGRES_ROLES = {"orders_stream": "OMS_ORDERS_STREAM_DB_PASSWORD", "gateway": "OMS_GATEWAY_DB_PASSWORD"}


async def prepare_mysql() -> None:
    """Make the three databases, an account for each service, and the account that Debezium reads the binlog with."""
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with admin.reading() as connection:
            await _make_mysql_account(connection, "oms_cdc", required("OMS_CDC_PASSWORD"))
            await connection.execute("GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO oms_cdc@'%%'")
            for name, variable in SERVICES.items():
                await connection.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
                await _make_mysql_account(connection, name, required(variable))
                await connection.execute(f"GRANT ALL ON `{name}`.* TO `{name}`@'%%'")
                await connection.execute(f"GRANT SELECT ON `{name}`.* TO oms_cdc@'%%'")
                await connection.execute(f"GRANT CREATE, INSERT, UPDATE ON `{name}`.`{name}_heartbeat` TO oms_cdc@'%%'")
            await _make_mysql_account(connection, RECONCILE, required("OMS_RECONCILE_DB_PASSWORD"))
            await _let_repair(connection)
    finally:
        await admin.close()


async def let_repair() -> None:
    """Give `oms_reconcile` what it needs in the tables there are. A service makes its own, so on the first start there
    are none yet when the system is prepared."""
    admin = Database(mysql(environ.get("OMS_MYSQL_ADMIN_USER", "oms_admin"), "OMS_MYSQL_ADMIN_PASSWORD", None))
    try:
        async with admin.reading() as connection:
            await _let_repair(connection)
    finally:
        await admin.close()


async def _let_repair(connection: Connection) -> None:
    for table in TABLES.values():
        grants = {table.name: "SELECT, UPDATE (version)"}
        if table.deleted_keys:
            grants[table.deleted_keys.table] = "SELECT, INSERT, UPDATE"
        for name, granted in grants.items():
            try:
                await connection.execute(f"GRANT {granted} ON `{table.database}`.`{name}` TO {RECONCILE}@'%%'")
            except pymysql.err.ProgrammingError as error:
                if error.args[0] != NO_TABLE:
                    raise


async def _make_mysql_account(connection: Connection, name: str, password: str) -> None:
    await connection.execute(f"CREATE USER IF NOT EXISTS `{name}`@'%%' IDENTIFIED BY %s", [password])
    await connection.execute(f"ALTER USER `{name}`@'%%' IDENTIFIED BY %s", [password])


async def prepare_postgres() -> None:
    """Make the database, the schema of the read model, the account that owns it and the one that may read it."""
    admin = postgres("postgres", "OMS_POSTGRES_ADMIN_PASSWORD", database="postgres")
    connection = await _connect(admin, "postgres")
    try:
        for role, variable in POSTGRES_ROLES.items():
            await _make_postgres_role(connection, role, required(variable))
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'oms'"):
            await connection.execute("CREATE DATABASE oms OWNER orders_stream")
    finally:
        await connection.close()
    connection = await _connect(admin, "oms")
    try:
        await connection.execute(schema_statements("read_model"))
    finally:
        await connection.close()


def schema_statements(schema: str) -> str:
    """What makes a schema for a read model, which the gateway may read and `orders_stream` owns."""
    return f"""
        CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION orders_stream;
        GRANT USAGE ON SCHEMA {schema} TO gateway;
        GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO gateway;
        ALTER DEFAULT PRIVILEGES FOR ROLE orders_stream IN SCHEMA {schema} GRANT SELECT ON TABLES TO gateway;
    """


async def _connect(admin: PostgresSettings, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=admin.host,
        port=admin.port,
        user=admin.user,
        password=admin.password,
        database=database,
        timeout=admin.timeout_s,
        command_timeout=admin.timeout_s,
    )


async def _make_postgres_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    # Postgres takes no parameters in ALTER ROLE; it quotes the text itself.
    statement = await connection.fetchval(
        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password
    )
    await connection.execute(statement)


async def _make_topics() -> None:
    await create_topics()


async def prepare_all() -> None:
    """Wait for each server and make what it needs, side by side."""
    await asyncio.gather(
        until_done("MySQL databases and accounts", prepare_mysql),
        until_done("Postgres database and accounts", prepare_postgres),
        until_done("topics", _make_topics),
    )


def prepare() -> None:
    """Make databases, accounts and topics; end when all are there."""
    logs.configure("prepare")
    be_quiet()  # our own line says what is waited for
    asyncio.run(prepare_all())
    log.info("prepared")
