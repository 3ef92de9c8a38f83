"""A Redis of a test's own, which it may kill, stop and fill with wrong values."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError, TimeoutError

from chassis.settings import RedisSettings
from tests.support.eventually import eventually
from tests.support.system.processes import CHECKOUT

PROGRAM = CHECKOUT / ".local" / "servers" / "redis" / "redis-server"


class OwnRedis:
    """One server on a free port, without a password, which keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.client: Any = Redis(port=self.port, decode_responses=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> RedisSettings:
        """For a client of it, which waits for long, since the machine is busy."""
        return RedisSettings("", "127.0.0.1", self.port, 2.0)

    async def start(self) -> None:
        """Run it, empty."""
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
        self._process = await asyncio.to_thread(_run, [PROGRAM, *arguments])
        await eventually(self._answers)

    async def write(self, key: str, **fields: str) -> None:
        """Set fields of a hash."""
        await self.client.execute_command("HSET", key, *(part for pair in fields.items() for part in pair))

    async def fields(self, key: str) -> dict[str, str]:
        """The fields of a hash."""
        found: dict[str, str] = await self.client.execute_command("HGETALL", key)
        return found

    async def _answers(self) -> None:
        try:
            await self.client.execute_command("PING")
        except (ConnectionError, TimeoutError) as error:
            raise AssertionError("it does not answer") from error

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It keeps its connections and answers nothing while the block runs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


def _run(command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@asynccontextmanager
async def own_redis() -> AsyncIterator[OwnRedis]:
    """A server that runs while the block does."""
    redis = OwnRedis()
    try:
        await redis.start()
        yield redis
    finally:
        await redis.client.aclose()
        await asyncio.to_thread(redis.kill)
