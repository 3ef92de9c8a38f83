"""Commands to Redis, those of concurrent requests together in one pipeline, each with a short timeout.

The client costs far more than the command: a busy process sends one pipeline after the other, each with all commands
that have come meanwhile. If Redis is unavailable, nobody waits for it: it is asked again in the background.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError

from chassis.http.redis_errors import is_unavailable
from chassis.logs import logger
from chassis.settings import RedisSettings
from chassis.tasks import end
from inventory.redis.connection import Command, RedisConnection
from inventory.redis.scripts import ALL

log = logger(__name__)

PROBE_EVERY_S = 1.0

_MOST_AT_ONCE = 1000
"""Commands of one pipeline."""


class Request(NamedTuple):
    """Commands that are sent together, and what waits for their replies, if anything does."""

    commands: Sequence[Command]
    replies: asyncio.Future[list[Any]] | None


class RedisAway(Exception):
    """Redis did not answer in time, or is known to be unavailable."""


class Pipeline:
    """Sends commands together. Opened by the first one."""

    def __init__(self, settings: RedisSettings) -> None:
        self._connection = RedisConnection(settings)
        self._waiting: list[Request] = []
        self._sending: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self.is_away = False
        """Whether Redis was unavailable the last time."""

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """The replies, of which some may be exceptions. Raises RedisAway."""
        if self.is_away:
            raise RedisAway
        replies: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._add(commands, replies)
        return await replies

    def tell(self, commands: Sequence[Command]) -> None:
        """Send commands whose replies nobody needs. They are lost if Redis is unavailable."""
        if commands and not self.is_away:
            self._add(commands, None)

    async def close(self) -> None:
        """Send what waits and close the connection."""
        await end(self._probing)
        if self._sending is not None:
            await asyncio.wait((self._sending,))
        await self._connection.close()

    def _add(self, commands: Sequence[Command], replies: asyncio.Future[list[Any]] | None) -> None:
        self._waiting.append(Request(commands, replies))
        if self._sending is None:
            self._sending = _begin(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                count = _fitting(self._waiting)
                together, self._waiting = self._waiting[:count], self._waiting[count:]
                try:
                    await self._send(together)
                except Exception as error:  # whatever it is, requests are served without Redis
                    self._fail(together, error)
        finally:
            self._sending = None

    async def _send(self, together: Sequence[Request]) -> None:
        commands = [command for request in together for command in request.commands]
        replies = await self._connection.execute(commands)
        if missing := [number for number, reply in enumerate(replies) if isinstance(reply, NoScriptError)]:
            again = await self._connection.execute(
                [*(("SCRIPT LOAD", script.text) for script in ALL), *(commands[number] for number in missing)]
            )
            for number, reply in zip(missing, again[len(ALL) :], strict=True):
                replies[number] = reply
        first = 0
        for some, waiting in together:
            if waiting is not None and not waiting.done():
                waiting.set_result(replies[first : first + len(some)])
            first += len(some)

    def _fail(self, together: Sequence[Request], error: Exception) -> None:
        if not self.is_away:
            self.is_away = True
            if isinstance(error, TimeoutError) or is_unavailable(error):
                log.warning("stock in redis off: redis unavailable", reason=repr(error))
            else:
                log.error("stock in redis off: a command failed", reason=repr(error), exc_info=error)
            self._probing = _begin(self._probe())
        for _, waiting in [*together, *self._waiting]:
            if waiting is not None and not waiting.done():
                waiting.set_exception(RedisAway())
        self._waiting.clear()

    async def _probe(self) -> None:
        while self.is_away:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                await self._connection.execute([("PING",)])
            except Exception:  # the reason was logged when it began
                continue
            self.is_away = False
            log.info("stock in redis on")


def _fitting(waiting: Sequence[Request]) -> int:
    """How many of these fit into one pipeline; at least one."""
    commands = 0
    for number, request in enumerate(waiting):
        commands += len(request.commands)
        if commands > _MOST_AT_ONCE and number:
            return number
    return len(waiting)


def _begin(work: Any) -> asyncio.Task[None]:
    return asyncio.create_task(work, context=Context())  # not the context of the request that begins it
