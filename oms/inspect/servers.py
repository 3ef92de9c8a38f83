"""Whether each server answers a request of its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from chassis import addresses, settings
from chassis.databases import mysql, postgres
from chassis.kafka.client import admin
from oms.terminal import reason

TIMEOUT_S = 5.0


async def ask_kafka() -> None:
    """List topics."""
    async with admin() as client:
        await client.list_topics()


async def ask_mysql() -> None:
    """Log in with an account of a service."""
    database = mysql.Database(settings.mysql("orders", "OMS_ORDERS_DB_PASSWORD", "orders"))
    try:
        await database.ping()
    finally:
        await database.close()


async def ask_postgres() -> None:
    """Log in with an account of a service."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        await database.ping()
    finally:
        await database.close()


async def ask_redis() -> None:
    """Ping; a demand for a password is an answer of Redis, too."""
    reader, writer = await asyncio.open_connection(addresses.host("redis"), addresses.port("redis"))
    try:
        writer.write(b"PING\r\n")
        answer = await reader.readline()
    finally:
        writer.close()
    if not answer.startswith((b"+PONG", b"-NOAUTH")):
        raise ConnectionError(f"this is not Redis: {answer!r}")


async def ask_elasticsearch() -> None:
    """Get the health of the cluster."""
    await _get(f"{addresses.url('elasticsearch')}/_cluster/health")


async def ask_connect() -> None:
    """Get the version."""
    await _get(addresses.url("connect"))


SERVERS: dict[str, Callable[[], Awaitable[None]]] = {
    "kafka": ask_kafka,
    "connect": ask_connect,
    "mysql": ask_mysql,
    "postgres": ask_postgres,
    "redis": ask_redis,
    "elasticsearch": ask_elasticsearch,
}


async def failure_of(name: str) -> str:
    """Why a server does not answer; empty when it does."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await SERVERS[name]()
    except Exception as error:  # each client has its own errors, and each means that the server does not answer
        return reason(error, TIMEOUT_S)
    return ""


async def _get(address: str) -> None:
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        (await client.get(address)).raise_for_status()
