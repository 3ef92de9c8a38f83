"""Comparing tables with their views and repairing what differs, page by page, until a last comparison proves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from os import environ

import asyncpg
import pymysql
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from elasticsearch import ApiError

from chassis import settings
from chassis.databases.mysql import Database
from chassis.http.problems import Problem
from chassis.kafka import client as kafka
from oms.prepare.mysql import RECONCILE, let_repair
from reconciliation.comparing import Comparison, Page, compare
from reconciliation.databases import Stores
from reconciliation.recheck import WAIT_S
from reconciliation.repair import Wrong, repair
from reconciliation.tables import TABLES, Table

CANNOT = (Problem, settings.SettingMissing, KafkaError, pymysql.err.MySQLError, asyncpg.PostgresError, ApiError)
"""A store is away, or has no such table, or does not let us."""

Say = Callable[[str], None]


async def compare_all(stores: Stores, names: Sequence[str], wait_s: float) -> list[Comparison]:
    """Compare these tables with all their views."""
    tables = [TABLES[name] for name in names]
    return [await compare(each.name, stores.source(each), stores.views(each), wait_s) for each in tables]


async def repair_all(stores: Stores, names: Sequence[str], wait_s: float, say: Say) -> list[Comparison]:
    """Compare these tables, and send each page of rows that differ once more before the next is looked for.

    What is named in the comparisons was wrong before; compare again to know what is wrong now.
    """
    async with _repairing() as (writer, producer):
        return [await _repaired(stores, TABLES[name], wait_s, writer, producer, say) for name in names]


async def _repaired(
    stores: Stores, table: Table, wait_s: float, writer: Database, producer: AIOKafkaProducer, say: Say
) -> Comparison:
    source, views, done = stores.source(table), stores.views(table), 0

    async def repair_page(page: Page) -> None:
        nonlocal done
        left = await repair([Wrong(table, source, views, page)], writer, producer, max(wait_s, WAIT_S))
        done += len(page) - len(left)
        say(f"{table.name}: {done:,} rows of views repaired")

    return await compare(table.name, source, views, wait_s, repair_page)


@asynccontextmanager
async def _repairing() -> AsyncIterator[tuple[Database, AIOKafkaProducer]]:
    if "OMS_MYSQL_ADMIN_PASSWORD" in environ:
        await let_repair()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    try:
        async with kafka.writer() as producer:
            yield writer, producer
    finally:
        await writer.close()
