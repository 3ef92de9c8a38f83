"""The process that registers the connectors and watches them: a failed or silent one is started again, with backoff.

It counts the open dead letters besides, being one process where each worker may be several.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any

from fastapi import FastAPI
from prometheus_client import Counter, Gauge

from chassis.databases.mysql import Database
from chassis.http.app import serve, service
from chassis.kafka import open_dead_letters
from chassis.logs import logger
from chassis.settings import mysql
from connectors.backoff import Backoff
from connectors.causes import RESNAPSHOT, failures, is_running
from connectors.connect_api import Connect
from connectors.gaps import Gaps
from connectors.liveness import SignsOfLife
from connectors.registration import configurations, make_heartbeat, register_all

log = logger(__name__)

LOOK_EVERY_S = 2.0
SILENT_S = 60.0
"""A connector that says it runs, and writes nothing for so long, not even its heartbeat, is started again."""

RESTARTS = Counter("oms_connector_restarts_total", "Times a failed connector or task was started again", ["connector"])
SILENCE = Gauge("oms_connector_silent_seconds", "Since when nothing came, not even a heartbeat", ["connector"])
RUNNING = Gauge("oms_connector_running", "1 while the connector and all its tasks run", ["connector"])
GAP = Gauge("oms_connector_gap", "1 while rows that the connector did not read are gone from the binlog", ["connector"])


class Watch:
    """Looks at every connector again and again. What it finds at one place is noted whatever it finds at another."""

    def __init__(self) -> None:
        self._connect = Connect()
        self._database: Database | None = None
        self._backoff = {name: Backoff() for name in configurations()}
        self._signs = SignsOfLife()
        self._gaps = Gaps(self._backoff)
        self._wrong = dict.fromkeys(self._backoff, "not looked at yet")
        self._away: dict[str, str] = {}
        self._told: dict[str, list[str]] = {}
        for name in self._backoff:
            # Asked when the metric is read, so that it grows also while nothing can be looked at.
            SILENCE.labels(name).set_function(partial(self._signs.silent_s, name))

    @property
    def gaps(self) -> dict[str, str]:
        """Each connector that misses rows, with the reason and the remedy."""
        return self._gaps.found

    async def check(self) -> None:
        """Return when all connectors run, are heard of and miss nothing. Raises LookupError with what is wrong."""
        wrong = [f"{name}: {why}" for name, why in self._wrong.items() if why]
        wrong += [f"{what}: {why}" for what, why in self._away.items()]
        wrong += [
            f"{name}: nothing was seen to come from it for {SILENT_S / 2:.0f} s, not even its heartbeat"
            for name, why in self._wrong.items()
            if not why and self._signs.silent_s(name) > SILENT_S / 2
        ]
        if wrong:
            raise LookupError("; ".join(wrong))

    async def look(self) -> None:
        """Start again what has failed, register again what is gone, and note what is wrong with each."""
        async with self._noted("MySQL"), self._mysql().reading() as connection:
            await self._gaps.look_at_server(connection)
        async with self._noted("registration"):
            if set(self._backoff) - set(await self._connect.names()):
                await register_all()
        # Side by side: without Kafka, Connect's answer on positions takes as long as it may.
        await asyncio.gather(self._look_at_kafka(), *map(self._look_at, self._backoff))

    async def _look_at_kafka(self) -> None:
        async with self._noted("Kafka"):
            await self._signs.look()

    async def _look_at(self, name: str) -> None:
        running, wrong = False, "Connect does not tell its state"
        async with self._noted(f"Connect about {name}"):
            status = await self._connect.status(name)
            running = is_running(status)
            RUNNING.labels(name).set(running)
            await self._look_for_gap(name, running)
            wrong = self._what_is_wrong(name, status)
            self._tell(name, status, wrong)
            await self._mend(name, status)
        RUNNING.labels(name).set(running)
        self._wrong[name] = wrong

    @asynccontextmanager
    async def _noted(self, what: str) -> AsyncIterator[None]:
        """What goes wrong in the block is logged once, and is a reason not to be ready until the block goes well."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__} {error}".strip()
            if self._away.get(what) != reason:
                log.warning("cannot look after the connectors", what=what, reason=reason)
            self._away[what] = reason
        else:
            self._away.pop(what, None)

    async def _look_for_gap(self, name: str, running: bool) -> None:
        before = self._gaps.found.get(name)
        async with self._noted(f"position of {name}"):
            offset = await self._connect.offset(name)
            async with self._mysql().reading() as connection:
                await self._gaps.look_at(connection, name, offset, running)
        now = self._gaps.found.get(name)
        GAP.labels(name).set(now is not None)
        if now and now != before:
            log.error("connector misses rows", connector=name, reason=now)

    def _what_is_wrong(self, name: str, status: dict[str, Any]) -> str:
        """Why the connector failed, and what it misses; "" when all is well."""
        wrong = [str(each) for each in failures(name, status)]
        gap = self._gaps.found.get(name)
        if gap and not any(RESNAPSHOT.format(name=name) in why for why in wrong):
            wrong.append(gap)
        if not wrong and not is_running(status):
            wrong.append("not running")
        return "; ".join(dict.fromkeys(wrong))

    async def _mend(self, name: str, status: dict[str, Any]) -> None:
        causes, backoff = failures(name, status), self._backoff[name]
        is_silent = is_running(status) and "Kafka" not in self._away and self._signs.silent_s(name) > SILENT_S
        is_curable = all(cause.is_curable for cause in causes)
        if not causes and not is_silent:
            backoff.recovered(monotonic())
        elif backoff.may_restart(monotonic(), is_curable=is_curable):
            if causes:
                reasons, remedies = [each.text for each in causes], [each.remedy for each in causes if each.remedy]
                log.error("connector failed, starting it again", connector=name, reasons=reasons, remedies=remedies)
                await self._connect.restart_failed(name)
            else:
                log.error("connector runs and is silent, starting it again", connector=name, since_s=SILENT_S)
                await make_heartbeat(name)
                await self._connect.restart(name)
                self._signs.forgive(name)
            RESTARTS.labels(name).inc()

    def _tell(self, name: str, status: dict[str, Any], wrong: str) -> None:
        """Log a connector's state when it changes: also one that neither runs nor failed, such as a paused one."""
        states = [part["state"] for part in (status["connector"], *status["tasks"])]
        if states != self._told.get(name):
            self._told[name] = states
            (log.warning if wrong else log.info)("connector", connector=name, states=states, wrong=wrong)

    def _mysql(self) -> Database:
        """Opened when it is first needed: a process without the password says so, and not at its import."""
        if self._database is None:
            self._database = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
        return self._database

    async def for_ever(self) -> None:
        """Look every two seconds. Connect itself may be away: it keeps its connectors, so wait for it."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._connect.close()
        await self._signs.close()
        if self._database is not None:
            await self._database.close()


def app() -> FastAPI:
    """The process: health and metrics over HTTP, the watch beside."""
    watch = Watch()
    watching: list[asyncio.Task[None]] = []

    async def prepare() -> None:
        await register_all()
        watching.append(asyncio.create_task(watch.for_ever()))
        watching.append(asyncio.create_task(open_dead_letters.count_for_ever()))

    async def close() -> None:
        for task in watching:
            task.cancel()
        await watch.close()

    made = service(
        "connectors",
        "Registers the Kafka Connect connectors and starts failed ones again.",
        checks={"connectors": watch.check},
        prepare=prepare,
        close=close,
    )

    @made.get("/gaps", include_in_schema=False)
    async def gaps() -> dict[str, str]:
        """Each connector that misses rows, with the reason and the remedy."""
        return watch.gaps

    return made


if __name__ == "__main__":
    serve(app(), "connectors")
