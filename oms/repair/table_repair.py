"""Compares tables with their views, and repairs the rows that differ page by page."""

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
from chassis.http.errors.problems import Problem
from chassis.kafka import client as kafka
from oms.prepare.mysql import RECONCILE, grant_repair
from reconciliation.comparing import Comparison, Page, compare
from reconciliation.databases import Databases
from reconciliation.recheck import WAIT_S
from reconciliation.repair import TableDifferences, repair
from reconciliation.tables import TABLES, Table

DATABASE_ERRORS = (
    Problem,
    settings.SettingMissing,
    KafkaError,
    pymysql.err.MySQLError,
    asyncpg.PostgresError,
    ApiError,
)
"""Errors of a database that is unavailable, lacks the table, or denies access."""

PrintLine = Callable[[str], None]


async def compare_all(databases: Databases, names: Sequence[str], wait_s: float) -> list[Comparison]:
    """Compare these tables with all their views."""
    tables = [TABLES[name] for name in names]
    return [await compare(each.name, databases.source(each), databases.views(each), wait_s) for each in tables]


async def repair_all(
    databases: Databases, names: Sequence[str], wait_s: float, print_line: PrintLine
) -> list[Comparison]:
    """Compare these tables, and repair each page of rows that differ before looking for the next.

    The returned comparisons name the rows that differed before the repair; compare again for the state after it.
    """
    async with _repairing() as (writer, producer):
        return [await _repaired(databases, TABLES[name], wait_s, writer, producer, print_line) for name in names]


async def _repaired(
    databases: Databases,
    table: Table,
    wait_s: float,
    writer: Database,
    producer: AIOKafkaProducer,
    print_line: PrintLine,
) -> Comparison:
    source, views, done = databases.source(table), databases.views(table), 0

    async def repair_page(page: Page) -> None:
        nonlocal done
        left = await repair([TableDifferences(table, source, views, page)], writer, producer, max(wait_s, WAIT_S))
        done += len(page) - len(left)
        print_line(f"{table.name}: {done:,} rows of views repaired")

    return await compare(table.name, source, views, wait_s, repair_page)


@asynccontextmanager
async def _repairing() -> AsyncIterator[tuple[Database, AIOKafkaProducer]]:
    if "OMS_MYSQL_ADMIN_PASSWORD" in environ:
        await grant_repair()
    writer = Database(settings.mysql(RECONCILE, "OMS_RECONCILE_DB_PASSWORD", None))
    try:
        async with kafka.writer() as producer:
            yield writer, producer
    finally:
        await writer.close()
