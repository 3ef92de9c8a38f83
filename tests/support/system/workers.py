"""Additional workers of a consumer group, as separate processes that are restarted when they end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from chassis.kafka.client import admin
from tests.support.system.processes import CHECKOUT

SESSION_S = 6


class Worker:
    """One `python -m orders_stream.worker`, restarted as by supervisord."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start it, and restart it whenever it ends."""
        self._keeping = asyncio.create_task(self._keep())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> int:
        """Stop it by SIGTERM for good. Returns the exit code."""
        assert self._process is not None
        assert self._keeping is not None
        self._keeping.cancel()
        self.send(signal.SIGTERM)
        return await self._process.wait()

    async def end(self) -> None:
        """Kill it."""
        if self._keeping is not None:
            self._keeping.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def is_ready(self) -> None:
        """Return once it is ready and has partitions."""
        async with httpx.AsyncClient(timeout=10) as http:
            try:
                answer = await http.get(f"http://127.0.0.1:{self._port}/health/ready")
            except httpx.TransportError as error:
                raise AssertionError("it does not answer") from error
        assert answer.status_code == 200, answer.text

    async def _keep(self) -> None:
        own = {
            "OMS_ORDERS_STREAM_PORT": str(self._port),
            "OMS_DATA_DIR": str(self._folder),
            "OMS_WORKER_SESSION_S": str(SESSION_S),
        }
        while True:
            with (self._folder / "log").open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "orders_stream.worker",
                    cwd=CHECKOUT,
                    env={**os.environ, **own},
                    stdout=log,
                    stderr=log,
                )
            await self._process.wait()


@asynccontextmanager
async def workers(number: int, folder: Path) -> AsyncIterator[list[Worker]]:
    """Workers that are not started yet; all are stopped afterwards."""
    made = []
    for place in range(number):
        own = folder / f"worker-{place}"
        own.mkdir()
        made.append(Worker(own))
    try:
        yield made
    finally:
        await asyncio.gather(*(worker.end() for worker in made))


async def members(group: str) -> int:
    """The number of members of a consumer group."""
    async with admin() as client:
        [answer] = await client.describe_consumer_groups([group])
    [described] = answer.groups
    return len(described[5])
