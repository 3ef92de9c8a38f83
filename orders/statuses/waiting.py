"""Waits until orders have left the status `placed`, for clients that prefer to wait (`Prefer: wait=2`).

All requests of a process that wait share one statement on one connection. None of them has a connection of its own, or
a transaction, while it waits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import Context
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from chassis.databases.mysql import Database
from chassis.http.errors.problems import Problem, Unavailable
from chassis.rest.idempotency import REPLAYED
from chassis.rest.preferences import APPLIED
from chassis.rest.responses import created_response
from orders import repository
from orders.models import Order
from orders.representation import read_order

EVERY_S = 0.05
"""How often the orders that are waited for are looked up."""

MOST_WAITING = 1000
"""Further requests do not wait, since each one that does takes memory."""


class Waiting:
    """The requests that wait, each with its order. Call `close` at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._looking: asyncio.Task[None] | None = None

    async def answer(self, placed: Response, wait_s: int) -> Response:
        """The response to a placed order once it has another status, or after `wait_s` the one that was made."""
        if len(self._waiting) >= MOST_WAITING:
            return placed
        location = placed.headers["Location"]
        order_id = UUID(location.rpartition("/")[2])
        if await self._has_moved(order_id, wait_s):
            order = await self._read(order_id)
            if order is not None:
                replayed = {REPLAYED: placed.headers[REPLAYED]} if REPLAYED in placed.headers else {}
                placed = created_response("order", order_id, order, location).response(**replayed)
        placed.headers[APPLIED] = f"wait={wait_s}"
        return placed

    async def close(self) -> None:
        """End the look-ups."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _has_moved(self, order_id: UUID, wait_s: float) -> bool:
        """Whether the order has another status before `wait_s` are over."""
        moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[moved] = str(order_id)
        if self._looking is None or self._looking.done():
            # Not in the context of this request: its client may disconnect while others wait.
            self._looking = asyncio.create_task(self._look(), context=Context())
        try:
            async with asyncio.timeout(wait_s):
                await moved
        except TimeoutError:
            return False
        finally:
            del self._waiting[moved]
        return True

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(EVERY_S)
            with suppress(Unavailable):  # the orders are placed, and looked up again until the time is over
                await self._look_once()

    async def _look_once(self) -> None:
        ids = set(self._waiting.values())
        if ids:
            async with self._database.reading() as connection:
                found = await repository.moved_orders(connection, ids)
            for moved, order_id in self._waiting.items():
                if order_id in found and not moved.done():
                    moved.set_result(None)

    async def _read(self, order_id: UUID) -> Order | None:
        """The order; None if it is deleted or the database is unavailable, since it was placed all the same."""
        try:
            async with self._database.reading() as connection:
                return await read_order(connection, order_id)
        except Problem:
            return None


async def _waiting(request: Request) -> Waiting:
    waiting: Waiting = request.app.state.waiting
    return waiting


WaitingRequests = Annotated[Waiting, Depends(_waiting)]
"""The requests that wait, in the state of the app."""
