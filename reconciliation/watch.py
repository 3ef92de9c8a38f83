"""The process that compares everything on a schedule, verifies stock, and reports differences by log and metrics.

It repairs one kind without an operator: a person who is deleted from MySQL is deleted from every view.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from time import monotonic

from fastapi import FastAPI
from prometheus_client import Gauge

from chassis.http.app import serve, service
from chassis.http.health import Check
from chassis.kafka import client as kafka
from chassis.logs import logger
from chassis.settings import seconds
from reconciliation.comparing import Comparison, compare
from reconciliation.databases import Databases, open_databases
from reconciliation.repair import TableDifferences, send_deletions
from reconciliation.rows import DifferenceKind
from reconciliation.stock.cache import open_cache
from reconciliation.stock.rules import MEANINGS, Rule
from reconciliation.stock.verifying import WAIT_S, verify
from reconciliation.tables import TABLES, Table

log = logger(__name__)

RETRY_S = 10.0
"""Wait before the next comparison after one that failed."""

FEW_DELETIONS = 1000
"""Up to so many persons are always deleted. More are not if they outnumber the rows left in MySQL: that looks like a
table that was emptied or restored, and rows deleted from views, and erased from orders, do not come back."""

DIFFERENCES = Gauge("oms_reconcile_differences", "Rows of a view that differ from MySQL", ["store", "table"])
SECONDS = Gauge("oms_reconcile_seconds", "Duration of the last comparison of all tables")
VIOLATIONS = Gauge("oms_stock_violations", "Rows that violate a rule about stock", ["rule"])
LAST_SUCCESS = Gauge("oms_reconcile_last_success_timestamp_seconds", "Time of the last complete comparison")


class Watch:
    """Compares every `OMS_RECONCILE_EVERY_S` seconds; a difference must last `OMS_RECONCILE_WAIT_S` seconds."""

    def __init__(self) -> None:
        self._every_s = seconds("OMS_RECONCILE_EVERY_S", 300)
        self._wait_s = seconds("OMS_RECONCILE_WAIT_S", 60)
        self._open = AsyncExitStack()
        self._databases: Databases | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start comparing, at once and then on schedule."""
        self._databases = await self._open.enter_async_context(open_databases())
        self._task = asyncio.create_task(self._run(self._databases))

    async def close(self) -> None:
        """Stop, also during a comparison: it changes nothing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._open.aclose()

    def checks(self) -> dict[str, Check]:
        """The health checks of the databases."""

        async def mysql() -> None:
            if self._databases is not None:
                await self._databases.mysql.ping()

        async def postgres() -> None:
            if self._databases is not None:
                await self._databases.postgres.ping()

        return {"mysql": mysql, "postgres": postgres}

    async def compare_all(self, databases: Databases) -> None:
        """Compare each table with its views, and report differences by log and metrics."""
        begin = monotonic()
        for table in TABLES.values():
            found = await self._compare(databases, table)
            if table.topic.is_personal and await self._delete_gone_persons(databases, table, found):
                await self._compare(databases, table)
        SECONDS.set(monotonic() - begin)
        LAST_SUCCESS.set_to_current_time()

    async def verify_stock(self, databases: Databases) -> None:
        """Verify every rule about stock, and report violations by log and metrics."""
        async with open_cache() as cache:
            found = await verify(databases.mysql, cache, min(self._wait_s, WAIT_S))
        for rule in Rule:
            VIOLATIONS.labels(rule.value).set(sum(each.rule is rule for each in found))
        for each in found:
            place = each.place.database
            log.error(
                "stock violation", rule=each.rule, meaning=MEANINGS[each.rule], place=place, key=each.id, text=each.text
            )

    async def _compare(self, databases: Databases, table: Table) -> Comparison:
        views = databases.views(table)
        found = await compare(table.name, databases.source(table), views, self._wait_s)
        for view in views:
            DIFFERENCES.labels(view.name, table.name).set(found.wrong.get(view.name, 0))
        for difference in found.differences:
            log.error(
                "row differs",
                table=difference.table,
                store=difference.view,
                key=difference.key,
                fault=difference.fault,
                columns=difference.columns,
            )
        log.info("table compared", table=table.name, rows=found.rows, seconds=round(found.seconds, 3))
        return found

    async def _delete_gone_persons(self, databases: Databases, table: Table, found: Comparison) -> bool:
        """Publish the deletion of each personal row that a view has and MySQL does not.

        They were compared twice already, `OMS_RECONCILE_WAIT_S` apart, and are looked up in MySQL once more.
        """
        gone = [each for each in found.differences if each.fault is DifferenceKind.UNEXPECTED]
        wrong = TableDifferences(table, databases.source(table), databases.views(table), gone)
        if not gone:
            return False
        if len(wrong.keys) > max(FEW_DELETIONS, found.rows.get(wrong.source.name, 0)):
            remedy = "if they should be deleted, run `oms reconcile --repair`"
            log.error("too many rows gone, nothing deleted", table=table.name, rows=len(wrong.keys), remedy=remedy)
            return False
        async with kafka.writer() as producer:
            for key in await send_deletions(wrong, producer):
                log.warning("row deleted from views", table=table.name, key=key)
        return True

    async def _run(self, databases: Databases) -> None:
        while True:
            try:
                await self.compare_all(databases)
                await self.verify_stock(databases)
                await asyncio.sleep(self._every_s)
            except Exception as error:  # a database is unavailable, or has no tables yet
                log.warning("comparison failed", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(min(RETRY_S, self._every_s))


def app() -> FastAPI:
    """The process: health and metrics over HTTP, and the comparison in the background."""
    watch = Watch()
    return service(
        "reconciliation",
        "Compares MySQL with every view on a schedule, and deletes persons from views who are deleted from MySQL.",
        checks=watch.checks(),
        prepare=watch.start,
        close=watch.close,
    )


if __name__ == "__main__":
    serve(app(), "reconciliation", is_alone=True)
