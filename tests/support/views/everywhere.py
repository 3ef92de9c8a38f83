"""Searches for a text in everything the system stores: every column, every document, every record."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from chassis import addresses, settings
from chassis.consumer import Consumer
from chassis.databases.elasticsearch import client as elasticsearch_client
from chassis.kafka.client import partitions_of
from contracts.topics import Topic
from tests.support.by_hand import rows_by_hand
from tests.support.system.outside_mysql import DATABASES

WITHOUT_AN_ACCOUNT = ("stores",)
"""Databases of the connector alone, which have its heartbeat."""


async def in_mysql(text: str) -> list[str]:
    """The MySQL tables with a row that contains the text."""
    return [
        f"mysql {database}.{table}"
        for database in DATABASES
        if database not in WITHOUT_AN_ACCOUNT
        for table, rows in (await _mysql_tables(database)).items()
        if _holds(rows, text)
    ]


async def in_read_model(text: str) -> list[str]:
    """The tables of the read model with a row that contains the text."""
    account = settings.postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    connection = await asyncpg.connect(
        host=account.host, port=account.port, user=account.user, password=account.password, database=account.database
    )
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'read_model'")
        return [
            f"postgres {table}"
            for (table,) in tables
            if await connection.fetchval(
                f'SELECT count(*) FROM read_model."{table}" AS row WHERE position($1 IN row::text) > 0', text
            )
        ]
    finally:
        await connection.close()


async def in_search(text: str) -> list[str]:
    """The Elasticsearch indices with a document that contains the text."""
    search = elasticsearch_client()
    try:
        await search.indices.refresh()
        found = await search.search(index="*", size=10_000)
    finally:
        await search.close()
    return [f"elasticsearch {hit['_index']}" for hit in found["hits"]["hits"] if text in str(hit["_source"])]


async def on_topic(topic: Topic[Any], text: str) -> list[str]:
    """The records of a topic, from its start, that hold the text."""
    partitions = await partitions_of([topic.name])  # a drill adds some
    consumer = Consumer(bootstrap_servers=addresses.address("kafka"), isolation_level="read_committed")
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[str] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [f"{r.topic}/{r.partition}@{r.offset}" for r in records if text.encode() in (r.value or b"")]
        return found
    finally:
        await consumer.stop()


async def in_stores(text: str) -> list[str]:
    """Every table and index that contains the text."""
    found = await asyncio.gather(in_mysql(text), in_read_model(text), in_search(text))
    return [place for places in found for place in places]


def _holds(rows: list[dict[str, Any]], text: str) -> bool:
    return any(text in str(value) for row in rows for value in row.values())


async def _mysql_tables(database: str) -> dict[str, list[dict[str, Any]]]:
    names = [name for table in await rows_by_hand(database, "SHOW TABLES") for name in table.values()]
    return {name: await rows_by_hand(database, f"SELECT * FROM `{name}`") for name in names}
