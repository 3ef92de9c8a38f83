"""Rows in MySQL and in every view, written by the real handlers, and statements that corrupt a view."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from elasticsearch import AsyncElasticsearch

import customers.settings
import inventory.settings
import orders.settings
import orders_stream.settings
import products.settings
import shipping.settings
from chassis.databases import elasticsearch, postgres
from chassis.databases.migrations import migrate_mysql, migrate_postgres
from chassis.databases.mysql import Database, placeholders
from contracts.catalogue import CONSUMED
from contracts.customers import ADDRESS, CUSTOMER
from contracts.digests import columns
from contracts.heartbeats import SOURCES
from contracts.inventory.availability import SKU_AVAILABILITY
from contracts.inventory.sourcing import SOURCING
from contracts.orders import ORDER, ORDER_DETAIL, OrderGraph
from contracts.products import PRODUCTS, SEARCH_INDEX
from contracts.rows import Row
from contracts.topics import Topic
from orders.replica import repository as replica
from orders.sourcing import replica as sourcing_replica
from orders_stream.agents import join_orders, project
from products.agents import index_products, index_stock
from products.indexing import indices, search
from reconciliation.tables import TABLES
from tests.support.shop.rows import a_batch

TOPICS: dict[type[Row], Topic[Any]] = {topic.message: topic for topic in CONSUMED if issubclass(topic.message, Row)}
REPLICATE: dict[str, Callable[..., Awaitable[None]]] = {
    CUSTOMER.name: replica.upsert_customers,
    ADDRESS.name: replica.upsert_addresses,
    PRODUCTS.name: replica.upsert_products,
    SOURCING.name: sourcing_replica.upsert,
}
SERVICES = {
    "customers": customers.settings,
    "products": products.settings,
    "orders": orders.settings,
    "inventory": inventory.settings,
    "shipping": shipping.settings,
}


class BothSides:
    """MySQL and the views, opened with the accounts of their owners."""

    def __init__(self, mysql: dict[str, Database], read_model: postgres.Database, index: AsyncElasticsearch) -> None:
        self._mysql, self._read_model, self.elasticsearch = mysql, read_model, index

    async def put(self, *rows: Row) -> None:
        """Write rows into MySQL and every view."""
        await self.put_into_mysql(*rows)
        await self.put_into_views(*rows)

    async def put_into_mysql(self, *rows: Row) -> None:
        """Insert rows as their service would."""
        for kind, of_kind in groupby(rows, type):
            names, topic = list(columns(kind)), TOPICS[kind]
            quoted = ", ".join(f"`{name}`" for name in names)
            sql = f"INSERT INTO `{topic.name}` ({quoted}) VALUES ({placeholders(names)})"
            async with self._mysql[_database_of(topic)].transaction() as tx:
                for row in of_kind:
                    await tx.execute(sql, [_stored(getattr(row, name)) for name in names])

    async def is_fresh_until(self, source: str, moment: datetime) -> None:
        """Set the freshness of the read model."""
        async with self._read_model.connection() as connection:
            await connection.execute(
                "INSERT INTO freshness VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET fresh_until = $2",
                source,
                moment,
            )

    async def put_into_views(self, *rows: Row) -> None:
        """As the workers would: rows of one kind that follow each other are a chunk."""
        join = join_orders(self._read_model, _tell_nobody)
        for kind, of_kind in groupby(rows, type):
            topic, chunk = TOPICS[kind], list(of_kind)
            batch = a_batch(topic, chunk)
            is_of_an_order = topic in (ORDER, ORDER_DETAIL)
            if is_of_an_order:
                await join(batch)
            elif projection := TABLES[topic.name].projection:
                await project(self._read_model, topic, projection)(batch)
            if topic is PRODUCTS:
                await index_products(self.elasticsearch, self._mysql["products"], batch)
            if topic is SKU_AVAILABILITY:
                await index_stock(self.elasticsearch, self._mysql["products"])(batch)
            if replicate := REPLICATE.get(topic.name):
                async with self._mysql["orders"].transaction() as tx:
                    await replicate(tx, chunk)
        await self.elasticsearch.indices.refresh(index=SEARCH_INDEX)

    async def in_mysql(self, database: str, sql: str, *values: Any) -> None:
        """Run a statement by hand in a MySQL database."""
        async with self._mysql[database].transaction() as tx:
            assert await tx.execute(sql, values), sql

    async def in_read_model(self, sql: str, *values: Any) -> None:
        """Run a statement by hand in the read model."""
        async with self._read_model.connection() as connection:
            assert not (await connection.execute(sql, *values)).endswith(" 0"), sql


@asynccontextmanager
async def both_sides() -> AsyncIterator[BothSides]:
    """Empty tables in MySQL and in every view."""
    mysql = {name: service.database() for name, service in SERVICES.items()}
    read_model, index = orders_stream.settings.read_model(), elasticsearch.client()
    try:
        for name, database in mysql.items():
            await migrate_mysql(database, SERVICES[name].MIGRATIONS)
            replicas = [table.replica for table in TABLES.values() if table.replica]
            await _empty(
                database,
                [topic.name for topic in TOPICS.values() if _database_of(topic) == name]
                + [each.table for each in replicas if each.database == name]
                + (["known_sku"] if name == "products" else []),
            )
        async with read_model.connection() as connection:
            await migrate_postgres(connection, orders_stream.settings.MIGRATIONS)
            views = [table.projection for table in TABLES.values() if table.projection]
            await connection.execute(f"TRUNCATE {', '.join(views)}, incomplete_order, publishing, progress, freshness")
        if made_before := await indices.index_of(index, SEARCH_INDEX):
            await index.indices.delete(index=made_before)
        await search.make_index(index, replicas=0)
        yield BothSides(mysql, read_model, index)
    finally:
        await index.close()
        await read_model.close()
        for database in mysql.values():
            await database.close()


def _database_of(topic: Topic[Any]) -> str:
    return next(source.database for source in SOURCES if topic in source.topics)


async def _empty(database: Database, tables: Sequence[str]) -> None:
    async with database.transaction() as tx:
        await tx.execute("SET foreign_key_checks = 0")
        for table in tables:
            await tx.execute(f"DELETE FROM `{table}`")
        await tx.execute("SET foreign_key_checks = 1")


async def _tell_nobody(_: Sequence[OrderGraph]) -> None:
    return


def _stored(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case bool() | Decimal() | None:
            return value
    return value if isinstance(value, int) else str(value)
