"""The process that registers the connectors and watches them: a failed or silent one is started again, with backoff.

It counts the open dead letters besides, being one process where each worker may be several.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from fastapi import FastAPI
from prometheus_client import Counter, Gauge

from chassis import open_letters
from chassis.http import serve, service
from chassis.logs import logger
from connectors.connect_api import Connect, ConnectRefused
from connectors.registration import configurations, make_heartbeat, register_all
from connectors.signs_of_life import SignsOfLife

log = logger(__name__)

LOOK_EVERY_S = 2.0
FIRST_WAIT_S = 2.0
MOST_WAIT_S = 60.0
SILENT_S = 60.0
"""A connector that says it runs, and writes nothing for so long, not even its heartbeat, is started again."""

RESTARTS = Counter("oms_connector_restarts_total", "Times a failed connector or task was started again", ["connector"])
SILENCE = Gauge("oms_connector_silent_seconds", "Since when nothing came, not even a heartbeat", ["connector"])
RUNNING = Gauge("oms_connector_running", "1 while the connector and all its tasks run", ["connector"])


class Backoff:
    """When a connector that keeps failing may be started again: each time twice as long after the last."""

    def __init__(self) -> None:
        self._wait_s = FIRST_WAIT_S
        self._not_before = 0.0

    def may_restart(self, now: float) -> bool:
        """Whether enough time has passed; when it says yes, it counts as a restart."""
        if now < self._not_before:
            return False
        self._not_before, self._wait_s = now + self._wait_s, min(MOST_WAIT_S, self._wait_s * 2)
        return True

    def recovered(self, now: float) -> None:
        """Begin with short waits again, once it ran for longer than the longest wait."""
        if now > self._not_before + MOST_WAIT_S:
            self._wait_s = FIRST_WAIT_S


def failures(status: dict[str, object]) -> list[str]:
    """The reasons, first line each, of what has failed of a connector."""
    parts = [status["connector"], *status["tasks"]]  # type: ignore[misc]
    return [str(part.get("trace", "")).partition("\n")[0] for part in parts if part["state"] == "FAILED"]


def is_running(status: dict[str, object]) -> bool:
    """Whether the connector and at least one task run, and nothing else."""
    parts = [status["connector"], *status["tasks"]]  # type: ignore[misc]
    return len(parts) > 1 and all(part["state"] == "RUNNING" for part in parts)


class Watch:
    """Looks at every connector again and again."""

    def __init__(self) -> None:
        self._connect = Connect()
        self._backoff = {name: Backoff() for name in configurations()}
        self._signs = SignsOfLife()
        self._silent_s: dict[str, float] = {}
        self._told: dict[str, list[str]] = {}

    async def check(self) -> None:
        """Return when all connectors run and are heard of. Raises LookupError naming those that do not."""
        statuses = {name: await self._connect.status(name) for name in self._backoff}
        if stopped := [name for name, status in statuses.items() if not is_running(status)]:
            raise LookupError(f"not running: {', '.join(stopped)}")
        if silent := [name for name, silent_s in self._silent_s.items() if silent_s > SILENT_S / 2]:
            raise LookupError(f"running, but not even a heartbeat came for {SILENT_S / 2:.0f} s: {', '.join(silent)}")

    async def look(self) -> None:
        """Start again what has failed, register again what is gone."""
        if set(self._backoff) - set(await self._connect.names()):
            await register_all()
        self._silent_s = await self._signs.look()
        for name, backoff in self._backoff.items():
            try:
                status = await self._connect.status(name)
            except ConnectRefused as error:  # just registered: Connect knows no status yet
                log.warning("no status", connector=name, reason=str(error))
                continue
            RUNNING.labels(name).set(is_running(status))
            SILENCE.labels(name).set(self._silent_s[name])
            self._tell(name, status)
            await self._mend(name, status, backoff)

    async def _mend(self, name: str, status: dict[str, object], backoff: Backoff) -> None:
        reasons, is_silent = failures(status), is_running(status) and self._silent_s[name] > SILENT_S
        if not reasons and not is_silent:
            backoff.recovered(monotonic())
        elif backoff.may_restart(monotonic()):
            if reasons:
                log.error("connector failed, starting it again", connector=name, reasons=reasons)
                await self._connect.restart_failed(name)
            else:
                log.error("connector runs and is silent, starting it again", connector=name, since_s=SILENT_S)
                await make_heartbeat(name)
                await self._connect.restart(name)
                self._signs.forgive(name)
            RESTARTS.labels(name).inc()

    def _tell(self, name: str, status: dict[str, object]) -> None:
        """Log a connector's state when it changes: also one that neither runs nor failed, such as a paused one."""
        parts = [status["connector"], *status["tasks"]]  # type: ignore[misc]
        states = [part["state"] for part in parts]
        if states != self._told.get(name):
            self._told[name] = states
            (log.info if is_running(status) else log.warning)("connector", connector=name, states=states)

    async def for_ever(self) -> None:
        """Look every two seconds. Connect itself may be away: it keeps its connectors, so wait for it."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log.warning("cannot look after the connectors", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._connect.close()
        await self._signs.close()


def app() -> FastAPI:
    """The process: health and metrics over HTTP, the watch beside."""
    watch = Watch()
    watching: list[asyncio.Task[None]] = []

    async def prepare() -> None:
        await register_all()
        watching.append(asyncio.create_task(watch.for_ever()))
        watching.append(asyncio.create_task(open_letters.count_for_ever()))

    async def close() -> None:
        for task in watching:
            task.cancel()
        await watch.close()

    return service(
        "connectors",
        "Registers the Kafka Connect connectors and starts failed ones again.",
        checks={"connectors": watch.check},
        prepare=prepare,
        close=close,
    )


if __name__ == "__main__":
    serve(app(), "connectors")
