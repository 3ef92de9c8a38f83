"""Health checks: whether each server and process is ready, and whether the servers belong to this stack."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import aiomysql
import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient

from chassis.addresses import port, url
from local.environment import data_dir, stack_name

MOST = 150
"""Characters of a reason that is shown."""

Environ = Mapping[str, str]
Check = Callable[[Environ], Awaitable[None]]

# A broker that has not started yet is no reason for a warning.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())


class NotReady(Exception):
    """A server answered, but is not ready, or belongs to another stack."""


async def kafka(environ: Environ) -> None:
    """Kafka has brokers and the cluster id of this stack's data."""
    own = _cluster_id(environ)
    admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port('kafka', environ)}", request_timeout_ms=4000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    finally:
        await admin.close()
    _check_same(cluster["cluster_id"], own)
    if not cluster["brokers"]:
        raise NotReady("no broker has joined yet")


async def connect(environ: Environ) -> None:
    """Connect is healthy and uses this stack's Kafka."""
    await _get(f"http://127.0.0.1:{port('connect', environ)}/health")
    worker = await _get(f"http://127.0.0.1:{port('connect', environ)}/")
    _check_same(worker.json()["kafka_cluster_id"], _cluster_id(environ))


async def mysql(environ: Environ) -> None:
    """The administrator can log in, and the data is in this stack's folder."""
    password = environ["OMS_MYSQL_ADMIN_PASSWORD"]
    connection = await aiomysql.connect(
        host="127.0.0.1", port=port("mysql", environ), user="oms_admin", password=password
    )
    try:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT @@datadir")
            (folder,) = await cursor.fetchone()
    finally:
        await connection.ensure_closed()
    _check_same(Path(folder), data_dir(environ) / "mysql" / "data")


async def postgres(environ: Environ) -> None:
    """The administrator can log in, and the data is in this stack's folder."""
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=port("postgres", environ),
        user="postgres",
        password=environ["OMS_POSTGRES_ADMIN_PASSWORD"],
        database="postgres",
        ssl=False,
    )
    try:
        folder = await connection.fetchval("SHOW data_directory")
    finally:
        await connection.close()
    _check_same(Path(folder), data_dir(environ) / "postgres" / "data")


async def redis(environ: Environ) -> None:
    """Redis accepts this stack's password, answers PING and works in this stack's folder."""
    folder = str(data_dir(environ) / "redis")
    password = environ["OMS_REDIS_PASSWORD"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port("redis", environ))
    try:
        writer.write(f'AUTH "{password}"\r\nPING\r\nCONFIG GET dir\r\n'.encode())
        for expected in ("+OK", "+PONG", "*2", "$3", "dir", f"${len(folder.encode())}", folder):
            _check_same((await reader.readline()).decode().rstrip("\r\n"), expected)
    finally:
        writer.close()


async def elasticsearch(environ: Environ) -> None:
    """The cluster has this stack's name, and every index is readable and writable."""
    response = await _get(f"http://127.0.0.1:{port('elasticsearch', environ)}/_cluster/health")
    health = response.json()
    _check_same(health["cluster_name"], stack_name(environ))
    if health["status"] == "red":
        raise NotReady("its indexes are still opening")


def process(name: str) -> Check:
    """The check of a process: its own readiness endpoint."""

    async def check(environ: Environ) -> None:
        await _get(f"{url(name, environ)}/health/ready")

    return check


SERVERS: dict[str, Check] = {
    "kafka": kafka,
    "connect": connect,
    "mysql": mysql,
    "postgres": postgres,
    "redis": redis,
    "elasticsearch": elasticsearch,
}


async def _get(address: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(address)
    if response.status_code != 200:
        raise NotReady(f"{address} answers {response.status_code}: {_why(response)}")
    return response


def short(text: str) -> str:
    """The first line of a reason, up to any HTML or JSON in it, and not more than `MOST` characters."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    plain = re.split(r"<[!/a-zA-Z]|\[?\{", line, maxsplit=1)[0].strip(" :(\"'\t")
    return plain if len(plain) <= MOST else f"{plain[: MOST - 1]}…"


def _why(response: httpx.Response) -> str:
    """The first failing check of `/health/ready`, or the text of another response."""
    try:
        what, reason = next(iter(response.json()["missing"].items()))
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return response.text
    return f"{what}: {short(str(reason))}"


def _cluster_id(environ: Environ) -> str:
    properties = data_dir(environ) / "kafka" / "data" / "meta.properties"
    if not properties.exists():
        raise NotReady("its data is being initialized")
    return dict(line.split("=", 1) for line in properties.read_text().splitlines() if "=" in line)["cluster.id"]


def _check_same(found: object, expected: object) -> None:
    if found != expected:
        raise NotReady(f"a server of another stack answers on this port: {found} instead of {expected}")
