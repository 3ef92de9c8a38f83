"""The process that compares everything again and again, and tells of each difference.

It repairs one kind of them: a person who is gone from MySQL is deleted from every view, and waits for no operator.
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
from reconciliation.databases import Stores, opened
from reconciliation.repair import Wrong, send_deletions
from reconciliation.rows import Fault
from reconciliation.tables import TABLES, Table

log = logger(__name__)

AGAIN_S = 10.0
"""How soon it is tried again where it could not compare."""

FEW_DELETIONS = 1000
"""So many persons are always deleted at once. More are not, when they are more than MySQL has left: a table that was
emptied or restored looks like that, and what is deleted from the views, and erased from orders, does not come back."""

DIFFERENCES = Gauge(
    "oms_reconcile_differences", "Rows of which a view says something else than MySQL", ["store", "table"]
)
SECONDS = Gauge("oms_reconcile_seconds", "How long the last comparison of everything took")
LAST_SUCCESS = Gauge("oms_reconcile_last_success_timestamp_seconds", "When everything was last compared to its end")


class Watch:
    """Compares every `OMS_RECONCILE_EVERY_S` seconds; a difference must last `OMS_RECONCILE_WAIT_S` seconds."""

    def __init__(self) -> None:
        self._every_s = seconds("OMS_RECONCILE_EVERY_S", 300)
        self._wait_s = seconds("OMS_RECONCILE_WAIT_S", 60)
        self._open = AsyncExitStack()
        self._stores: Stores | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to compare, now and then again and again."""
        self._stores = await self._open.enter_async_context(opened())
        self._task = asyncio.create_task(self._for_ever(self._stores))

    async def close(self) -> None:
        """Stop, also in the middle of a comparison: it changes nothing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._open.aclose()

    def checks(self) -> dict[str, Check]:
        """What must be there to compare."""

        async def mysql() -> None:
            if self._stores is not None:
                await self._stores.mysql.ping()

        async def postgres() -> None:
            if self._stores is not None:
                await self._stores.postgres.ping()

        return {"mysql": mysql, "postgres": postgres}

    async def compare_all(self, stores: Stores) -> None:
        """Compare each table with its views, and tell of what differs by log and metrics."""
        begin = monotonic()
        for table in TABLES.values():
            found = await self._compare(stores, table)
            if table.topic.is_personal and await self._delete_who_is_gone(stores, table, found):
                await self._compare(stores, table)
        SECONDS.set(monotonic() - begin)
        LAST_SUCCESS.set_to_current_time()

    async def _compare(self, stores: Stores, table: Table) -> Comparison:
        views = stores.views(table)
        found = await compare(table.name, stores.source(table), views, self._wait_s)
        for view in views:
            DIFFERENCES.labels(view.name, table.name).set(found.wrong.get(view.name, 0))
        for difference in found.differences:
            log.error(
                "differs",
                table=difference.table,
                store=difference.view,
                key=difference.key,
                fault=difference.fault,
                columns=difference.columns,
            )
        log.info("compared", table=table.name, rows=found.rows, seconds=round(found.seconds, 3))
        return found

    async def _delete_who_is_gone(self, stores: Stores, table: Table, found: Comparison) -> bool:
        """Emit the deletion of each row that tells of a person, which a view shows and MySQL has no longer.

        They were compared twice already, `OMS_RECONCILE_WAIT_S` apart, and MySQL is asked once more for each.
        """
        gone = [each for each in found.differences if each.fault is Fault.TOO_MUCH]
        wrong = Wrong(table, stores.source(table), stores.views(table), gone)
        if not gone:
            return False
        if len(wrong.keys) > max(FEW_DELETIONS, found.rows.get(wrong.source.name, 0)):
            remedy = "`oms reconcile --repair` deletes them if that is right"
            log.error("too many are gone to be deleted", table=table.name, rows=len(wrong.keys), remedy=remedy)
            return False
        async with kafka.writer() as producer:
            for key in await send_deletions(wrong, producer):
                log.warning("deleted from the views, since MySQL has it no longer", table=table.name, key=key)
        return True

    async def _for_ever(self, stores: Stores) -> None:
        while True:
            try:
                await self.compare_all(stores)
                await asyncio.sleep(self._every_s)
            except Exception as error:  # a store is away, or has no tables yet
                log.warning("cannot compare", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(min(AGAIN_S, self._every_s))


def app() -> FastAPI:
    """The process: health and metrics over HTTP, the comparison beside."""
    watch = Watch()
    return service(
        "reconciliation",
        "Compares MySQL with every view of it, on a schedule, and deletes from the views who is gone from MySQL.",
        checks=watch.checks(),
        prepare=watch.start,
        close=watch.close,
    )


if __name__ == "__main__":
    serve(app(), "reconciliation")
