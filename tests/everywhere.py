"""Looking for a text in all that the system keeps: every column of every table, every document, every record."""

from __future__ import annotations

import asyncio
from typing import Any

import aiomysql
import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import addresses, kafka, settings
from chassis.elasticsearch import client as elasticsearch_client
from contracts.topics import Topic
from oms.kafka import each_partition, partitions
from tests.outside_mysql import DATABASES


async def in_mysql(text: str) -> list[str]:
    """The tables of our databases with a row that holds the text."""
    return [
        f"mysql {database}.{table}"
        for database in DATABASES
        for table, rows in (await _mysql_tables(database)).items()
        if _holds(rows, text)
    ]


async def in_read_model(text: str) -> list[str]:
    """The tables of the read model with a row that holds the text."""
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
    """The indices of Elasticsearch with a document that holds the text."""
    search = elasticsearch_client()
    try:
        await search.indices.refresh()
        found = await search.search(index="*", size=10_000)
    finally:
        await search.close()
    return [f"elasticsearch {hit['_index']}" for hit in found["hits"]["hits"] if text in str(hit["_source"])]


async def on_topic(topic: Topic[Any], text: str) -> list[str]:
    """The records of a topic, from its start, that hold the text."""
    places = await partitions_of(topic)
    consumer = AIOKafkaConsumer(bootstrap_servers=addresses.address("kafka"), isolation_level="read_committed")
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[str] = []
        while any([await consumer.position(each) < ends[each] for each in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [f"{r.topic}/{r.partition}@{r.offset}" for r in records if text.encode() in (r.value or b"")]
        return found
    finally:
        await consumer.stop()


async def partitions_of(topic: Topic[Any]) -> list[TopicPartition]:
    """A topic's partitions on the broker: a test may have added some to those of the catalogue."""
    async with kafka.admin() as client:
        return each_partition({topic.name: (await partitions(client))[topic.name]})


async def in_stores(text: str) -> list[str]:
    """Every place in the stores that holds the text."""
    found = await asyncio.gather(in_mysql(text), in_read_model(text), in_search(text))
    return [place for places in found for place in places]


def _holds(rows: list[dict[str, Any]], text: str) -> bool:
    return any(text in str(value) for row in rows for value in row.values())


async def _mysql_tables(database: str) -> dict[str, list[dict[str, Any]]]:
    account = settings.mysql(database, f"OMS_{database.upper()}_DB_PASSWORD", database)
    connection = await aiomysql.connect(
        host=account.host, port=account.port, user=account.user, password=account.password, db=database
    )
    try:
        async with connection.cursor() as cursor:
            await cursor.execute("SHOW TABLES")
            names = [name for (name,) in await cursor.fetchall()]
        tables = {}
        async with connection.cursor(aiomysql.DictCursor) as cursor:
            for name in names:
                await cursor.execute(f"SELECT * FROM `{name}`")
                tables[name] = list(await cursor.fetchall())
        return tables
    finally:
        connection.close()
