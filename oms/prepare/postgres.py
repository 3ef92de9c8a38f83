"""Postgres: the database, the schema of the read model, its owner `orders_stream` and its reader `gateway`."""

from __future__ import annotations

import asyncpg

from chassis.settings import PostgresSettings, postgres, required

POSTGRES_ROLES = {"orders_stream": "OMS_ORDERS_STREAM_DB_PASSWORD", "gateway": "OMS_GATEWAY_DB_PASSWORD"}


async def prepare_postgres() -> None:
    """Create the database, the schema of the read model, its owner and its reader."""
    admin = postgres("postgres", "OMS_POSTGRES_ADMIN_PASSWORD", database="postgres")
    connection = await _connect(admin, "postgres")
    try:
        for role, variable in POSTGRES_ROLES.items():
            await _create_role(connection, role, required(variable))
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
    """SQL that creates a schema for a read model: owned by `orders_stream`, readable by `gateway`."""
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


async def _create_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    # ALTER ROLE takes no parameters, so Postgres itself quotes the text.
    statement = await connection.fetchval(
        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password
    )
    await connection.execute(statement)
