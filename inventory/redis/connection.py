"""One connection to Redis that sends many commands at once, at half of the cost of a client of redis-py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from redis.asyncio import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, ResponseError

from chassis.settings import RedisSettings

Command = Sequence[Any]
"""Its name and arguments."""


class RedisConnection:
    """Opened by the first commands, and again once it is lost. For one caller at a time."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings

    async def execute(self, commands: Sequence[Command]) -> list[Any]:
        """The replies, of which some may be exceptions. Raises the errors of redis-py, and TimeoutError.

        Sent again if Redis had closed the connection meanwhile, so all commands must be safe to repeat.
        """
        async with asyncio.timeout(self._settings.timeout_s):
            if self._connection.is_connected:
                try:
                    return await self._exchange(commands)
                except ConnectionError:
                    pass
            return await self._exchange(commands)

    async def close(self) -> None:
        """Close it."""
        await self._connection.disconnect()

    @cached_property
    def _connection(self) -> Connection:
        # A socket_timeout would start a timer for each reply; `execute` has one for all.
        return Connection(
            host=self._settings.host,
            port=self._settings.port,
            password=self._settings.password,
            decode_responses=True,
            socket_connect_timeout=self._settings.timeout_s,
            retry=Retry(NoBackoff(), 0),
        )

    async def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        """After an exception the connection is closed, so that nobody gets the replies of others."""
        try:
            packed = self._connection.pack_commands(commands)
            await self._connection.send_packed_command(packed, check_health=False)  # connects, if it is not
            return [await self._reply() for _ in commands]
        except BaseException:
            await self._connection.disconnect(nowait=True)
            raise

    async def _reply(self) -> Any:
        try:
            return await self._connection.read_response()
        except ResponseError as error:
            return error
