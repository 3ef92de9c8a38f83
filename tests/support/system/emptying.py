"""Servers as they were before the first test, though they go on running: starting them anew takes half a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import asyncpg
import pymysql
from redis.asyncio import Redis

from chassis import addresses, settings
from chassis.addresses import STORE_PORTS, store_process
from chassis.databases.elasticsearch import client as elasticsearch_client
from chassis.kafka.client import admin
from local import supervisor
from local.programs import ours
from oms import kafka
from oms.prepare.mysql import NO_TABLE
from oms.prepare.postgres import POSTGRES_ROLES
from tests.support.by_hand import by_hand
from tests.support.system import outside_mysql

QUICK_TO_START = ("mysql", "postgres", "redis")

MYSQL_TABLES = {
    "customers": ("address", "customer"),
    "products": ("product_category", "products", "category", "category_change", "replica_sku_availability"),
    "orders": (
        "order_history", "order_detail", "order", "replica_address", "replica_customer", "replica_product",
        "replica_sourcing", "replica_shipment",
    ),
    "inventory": (
        "reservation", "hold", "sourcing", "availability", "sku_availability", "restock_request", "inbound",
        "replica_order_line", "replica_order", "store", "stock_policy", "replica_product", "sourcing_start",
        "backorder", "replica_shipment",
    ),
    "shipping": (
        "shipping_event", "order_return", "shipment", "replica_order", "replica_sourcing", "erased_customer",
        "tracking_number", "carrier_message", "forgotten_number", "shipping_start", "depot", "known_depot",
        "delivery_day",
    ),
    **{
        store_process(each): ("allocation", "receipt", "stock_movement", "stock", "read_position")
        for each in STORE_PORTS
    },
}  # fmt: skip
"""The tables that services write to; a table comes before those it refers to."""


async def remove_mysql_rows() -> None:
    """Remove the rows of all services, as far as there are tables."""
    for database, tables in MYSQL_TABLES.items():
        for table in tables:
            try:
                await by_hand(database, f"DELETE FROM `{table}`")
            except pymysql.err.ProgrammingError as error:
                if error.args[0] != NO_TABLE:
                    raise


def empty_servers(environ: Mapping[str, str]) -> None:
    """Remove all databases, accounts, indices and topics of ours, and with the topics what groups have committed.

    The servers that start in a second or two stop: the next `up` starts them together with our processes, which have
    to wait for them.
    """
    asyncio.run(_empty_all(environ))
    for program in ours(environ, QUICK_TO_START):
        supervisor.stop_program(program, environ)


async def _empty_all(environ: Mapping[str, str]) -> None:
    await asyncio.gather(
        outside_mysql.drop_all(environ), _empty_postgres(), empty_redis(), _empty_elasticsearch(), _empty_kafka()
    )


async def _empty_postgres() -> None:
    account = settings.postgres("postgres", "OMS_POSTGRES_ADMIN_PASSWORD", database="postgres")
    connection = await asyncpg.connect(
        host=account.host, port=account.port, user=account.user, password=account.password, database=account.database
    )
    try:
        await connection.execute("DROP DATABASE IF EXISTS oms WITH (FORCE)")
        for role in POSTGRES_ROLES:
            await connection.execute(f"DROP ROLE IF EXISTS {role}")
    finally:
        await connection.close()


async def empty_redis() -> None:
    """Remove all keys."""
    password = settings.required("OMS_REDIS_PASSWORD")
    async with Redis(host=addresses.host("redis"), port=addresses.port("redis"), password=password) as redis:
        await redis.flushall()


async def _empty_elasticsearch() -> None:
    async with elasticsearch_client().options(request_timeout=60) as elasticsearch:
        if names := list(await elasticsearch.indices.get(index="*")):
            await elasticsearch.indices.delete(index=names)


async def _empty_kafka() -> None:
    async with admin() as client:
        names = [name for name in await kafka.partitions(client) if not name.startswith("_")]
        if names:
            await client.delete_topics(names)
