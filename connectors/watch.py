"""The process that registers and monitors the connectors: it restarts failed or silent ones, with backoff.

It also counts open dead letters, because it is a single process, while a worker may run several times.
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
from connectors.liveness import Liveness
from connectors.registration import configurations, create_heartbeat, register_all

log = logger(__name__)

CHECK_EVERY_S = 2.0
SILENT_S = 60.0
"""A running connector that publishes nothing for so long, not even its heartbeat, is restarted."""

RESTARTS = Counter("oms_connector_restarts_total", "Restarts of failed or silent connectors", ["connector"])
SILENCE = Gauge("oms_connector_silent_seconds", "Seconds since the last record or heartbeat", ["connector"])
RUNNING = Gauge("oms_connector_running", "1 while the connector and all its tasks run", ["connector"])
GAP = Gauge("oms_connector_gap", "1 while the binlog lacks rows that the connector did not read", ["connector"])


class Watch:
    """Checks every connector periodically. A failure of one check does not hide the results of others."""

    def __init__(self) -> None:
        self._connect = Connect()
        self._database: Database | None = None
        self._backoff = {name: Backoff() for name in configurations()}
        self._liveness = Liveness()
        self._gaps = Gaps(self._backoff)
        self._problems = dict.fromkeys(self._backoff, "not checked yet")
        self._unavailable: dict[str, str] = {}
        self._logged_states: dict[str, list[str]] = {}
        for name in self._backoff:
            # Computed when the metric is read, so that it also grows while checks fail.
            SILENCE.labels(name).set_function(partial(self._liveness.silent_s, name))

    @property
    def gaps(self) -> dict[str, str]:
        """Each connector that misses rows, with the reason and the remedy."""
        return self._gaps.found

    async def check(self) -> None:
        """The health check. Raises LookupError unless all connectors run, publish and have no gap."""
        problems = [f"{name}: {reason}" for name, reason in self._problems.items() if reason]
        problems += [f"{what}: {reason}" for what, reason in self._unavailable.items()]
        problems += [
            f"{name}: no record or heartbeat for {SILENT_S / 2:.0f} s"
            for name, reason in self._problems.items()
            if not reason and self._liveness.silent_s(name) > SILENT_S / 2
        ]
        if problems:
            raise LookupError("; ".join(problems))

    async def check_all(self) -> None:
        """Check every connector: register missing ones, restart failed ones, and record the problems of each."""
        async with self._recorded("MySQL"), self._mysql().reading() as connection:
            await self._gaps.check_server(connection)
        async with self._recorded("registration"):
            if set(self._backoff) - set(await self._connect.names()):
                await register_all()
        # Concurrently, because without Kafka, Connect takes its whole timeout to answer for an offset.
        await asyncio.gather(self._check_liveness(), *map(self._check_connector, self._backoff))

    async def _check_liveness(self) -> None:
        async with self._recorded("Kafka"):
            await self._liveness.check()

    async def _check_connector(self, name: str) -> None:
        running, problem = False, "Connect does not report its state"
        async with self._recorded(f"Connect about {name}"):
            status = await self._connect.status(name)
            running = is_running(status)
            RUNNING.labels(name).set(running)
            await self._check_gap(name, running)
            problem = self._problem_of(name, status)
            self._log_state(name, status, problem)
            await self._restart_if_needed(name, status)
        RUNNING.labels(name).set(running)
        self._problems[name] = problem

    @asynccontextmanager
    async def _recorded(self, what: str) -> AsyncIterator[None]:
        """Log an error of the block once, and report it in the health check until the block succeeds."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__} {error}".strip()
            if self._unavailable.get(what) != reason:
                log.warning("connector check failed", what=what, reason=reason)
            self._unavailable[what] = reason
        else:
            self._unavailable.pop(what, None)

    async def _check_gap(self, name: str, running: bool) -> None:
        before = self._gaps.found.get(name)
        async with self._recorded(f"position of {name}"):
            offset = await self._connect.offset(name)
            async with self._mysql().reading() as connection:
                await self._gaps.check_connector(connection, name, offset, running)
        now = self._gaps.found.get(name)
        GAP.labels(name).set(now is not None)
        if now and now != before:
            log.error("connector gap found", connector=name, reason=now)

    def _problem_of(self, name: str, status: dict[str, Any]) -> str:
        """Why the connector failed, and its gap; "" if it has neither."""
        problems = [str(each) for each in failures(name, status)]
        gap = self._gaps.found.get(name)
        if gap and not any(RESNAPSHOT.format(name=name) in problem for problem in problems):
            problems.append(gap)
        if not problems and not is_running(status):
            problems.append("not running")
        return "; ".join(dict.fromkeys(problems))

    async def _restart_if_needed(self, name: str, status: dict[str, Any]) -> None:
        causes, backoff = failures(name, status), self._backoff[name]
        is_silent = is_running(status) and "Kafka" not in self._unavailable and self._liveness.silent_s(name) > SILENT_S
        is_curable = all(cause.is_curable for cause in causes)
        if not causes and not is_silent:
            backoff.recovered(monotonic())
        elif backoff.may_restart(monotonic(), is_curable=is_curable):
            if causes:
                reasons, remedies = [each.text for each in causes], [each.remedy for each in causes if each.remedy]
                log.error("restarting failed connector", connector=name, reasons=reasons, remedies=remedies)
                await self._connect.restart_failed(name)
            else:
                log.error("restarting silent connector", connector=name, since_s=SILENT_S)
                await create_heartbeat(name)
                await self._connect.restart(name)
                self._liveness.reset_silence(name)
            RESTARTS.labels(name).inc()

    def _log_state(self, name: str, status: dict[str, Any], problem: str) -> None:
        """Log the state of a connector when it changes, including states such as PAUSED."""
        states = [part["state"] for part in (status["connector"], *status["tasks"])]
        if states != self._logged_states.get(name):
            self._logged_states[name] = states
            (log.warning if problem else log.info)(
                "connector state changed", connector=name, states=states, wrong=problem
            )

    def _mysql(self) -> Database:
        """The database, opened on first use, so that a missing password is reported by the checks."""
        if self._database is None:
            self._database = Database(mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
        return self._database

    async def run(self) -> None:
        """Check every `CHECK_EVERY_S` seconds, also while Connect is unavailable: it keeps its connectors."""
        while True:
            await self.check_all()
            await asyncio.sleep(CHECK_EVERY_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._connect.close()
        await self._liveness.close()
        if self._database is not None:
            await self._database.close()


def app() -> FastAPI:
    """The process: health and metrics over HTTP, and the watch in the background."""
    watch = Watch()
    tasks: list[asyncio.Task[None]] = []

    async def prepare() -> None:
        await register_all()
        tasks.append(asyncio.create_task(watch.run()))
        tasks.append(asyncio.create_task(open_dead_letters.count_for_ever()))

    async def close() -> None:
        for task in tasks:
            task.cancel()
        await watch.close()

    api = service(
        "connectors",
        "Registers the Kafka Connect connectors and restarts failed ones.",
        checks={"connectors": watch.check},
        prepare=prepare,
        close=close,
    )

    @api.get("/gaps", include_in_schema=False)
    async def gaps() -> dict[str, str]:
        """Each connector that misses rows, with the reason and the remedy."""
        return watch.gaps

    return api


if __name__ == "__main__":
    serve(app(), "connectors", is_alone=True)
