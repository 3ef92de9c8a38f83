"""A process that ends between any two packets to MySQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest

from chassis.databases.mysql import Connection

Packet = Callable[..., Awaitable[Any]]


class Crashes:
    """Ends the work of a process at one of its packets to MySQL: before it is sent, or once it is executed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, when_sent: bool) -> None:
        self._when_sent, self._left = when_sent, 0
        send: Packet = Connection._send

        async def send_or_crash(connection: Connection, *args: Any, **kwargs: Any) -> None:
            self._left -= 1
            if self._left == 0 and not self._when_sent:
                raise asyncio.CancelledError
            await send(connection, *args, **kwargs)
            if self._left == 0 and self._when_sent:
                raise asyncio.CancelledError

        monkeypatch.setattr(Connection, "_send", send_or_crash)

    async def each(self, work: Callable[[], Awaitable[object]], check: Callable[[], Awaitable[object]]) -> int:
        """Begin the work again and again, each time with the crash one packet later, until it ends without one.

        Returns how often it crashed.
        """
        for packet in count(1):
            self._left = packet
            try:
                await work()
            except asyncio.CancelledError:
                self._left = 0
                await check()
            else:
                self._left = 0
                return packet - 1
        raise AssertionError("the loop ends by returning")
