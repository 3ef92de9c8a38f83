"""Asks each server and each process whether it can serve, and the servers also whether they are this stack's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import aiomysql
import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient

from chassis.addresses import port, url
from local.environment import data_dir, stack_name

Environ = Mapping[str, str]
Ask = Callable[[Environ], Awaitable[None]]

# A broker that is not there yet is no warning here.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())


class NotReady(Exception):
    """Someone answered, but cannot serve yet or is someone else."""


async def kafka(environ: Environ) -> None:
    """It gives the cluster id that was written when its data was laid out."""
    own = _cluster_id(environ)
    admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port('kafka', environ)}", request_timeout_ms=4000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    finally:
        await admin.close()
    _same(cluster["cluster_id"], own)
    if not cluster["brokers"]:
        raise NotReady("no broker has joined yet")


async def connect(environ: Environ) -> None:
    """It is healthy and works for our Kafka."""
    await _get(f"http://127.0.0.1:{port('connect', environ)}/health")
    worker = await _get(f"http://127.0.0.1:{port('connect', environ)}/")
    _same(worker.json()["kafka_cluster_id"], _cluster_id(environ))


async def mysql(environ: Environ) -> None:
    """The administrator can log in, and the data is in our folder."""
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
    _same(Path(folder), data_dir(environ) / "mysql" / "data")


async def postgres(environ: Environ) -> None:
    """The administrator can log in, and the data is in our folder."""
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
    _same(Path(folder), data_dir(environ) / "postgres" / "data")


async def redis(environ: Environ) -> None:
    """It takes our password, answers PING and works in our folder."""
    folder = str(data_dir(environ) / "redis")
    password = environ["OMS_REDIS_PASSWORD"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port("redis", environ))
    try:
        writer.write(f'AUTH "{password}"\r\nPING\r\nCONFIG GET dir\r\n'.encode())
        for expected in ("+OK", "+PONG", "*2", "$3", "dir", f"${len(folder.encode())}", folder):
            _same((await reader.readline()).decode().rstrip("\r\n"), expected)
    finally:
        writer.close()


async def elasticsearch(environ: Environ) -> None:
    """Its cluster has our name and every index can be read and written."""
    answer = await _get(f"http://127.0.0.1:{port('elasticsearch', environ)}/_cluster/health")
    health = answer.json()
    _same(health["cluster_name"], stack_name(environ))
    if health["status"] == "red":
        raise NotReady("its indexes are still being opened")


def process(name: str) -> Ask:
    """A process of ours says itself whether it is ready, and if not, what is missing."""

    async def ask(environ: Environ) -> None:
        await _get(f"{url(name, environ)}/health/ready")

    return ask


SERVERS: dict[str, Ask] = {
    "kafka": kafka,
    "connect": connect,
    "mysql": mysql,
    "postgres": postgres,
    "redis": redis,
    "elasticsearch": elasticsearch,
}


async def _get(address: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(address)
    if answer.status_code != 200:
        raise NotReady(f"{address} answers {answer.status_code}: {answer.text[:300]}")
    return answer


def _cluster_id(environ: Environ) -> str:
    written = data_dir(environ) / "kafka" / "data" / "meta.properties"
    if not written.exists():
        raise NotReady("its data is being laid out")
    return dict(line.split("=", 1) for line in written.read_text().splitlines() if "=" in line)["cluster.id"]


def _same(answered: object, expected: object) -> None:
    if answered != expected:
        raise NotReady(f"another server answers on this port: it says {answered}, ours says {expected}")
