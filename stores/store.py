"""The process of one store, `OMS_STORE_ID`: its API, the reader of its topics, and its sign of life.

It sells while Kafka and all other services are unavailable: only its own database must respond.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI

from chassis import tasks
from chassis.chunks.handling import Handler
from chassis.http.app import serve
from contracts.inventory.reservations import RESERVATION
from contracts.inventory.restocks import INBOUND
from contracts.topics import Topic
from stores import api
from stores.heartbeat import beat_forever
from stores.inbound.receiving import Receiving
from stores.reading.reader import Reader
from stores.reservations.answering import Answering
from stores.settings import database, process_name, store_id


class Background:
    """The work beside the API, which starts once the tables exist."""

    def __init__(self) -> None:
        self.mysql = database()
        own = store_id()
        handlers: dict[Topic[Any], Handler] = {
            RESERVATION: Answering(self.mysql, own).handle,
            INBOUND: Receiving(self.mysql, own).handle,
        }
        self.reader = Reader(self.mysql, own, handlers)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start to read topics and to beat."""
        self._tasks = [
            asyncio.create_task(self.reader.run()),
            asyncio.create_task(beat_forever(self.mysql, store_id())),
        ]

    async def close(self) -> None:
        """Stop both."""
        await tasks.end(*self._tasks)


def app() -> FastAPI:
    """The app and the work beside it. Kafka is not needed to be ready: `degraded` has the reason if it is missing."""
    beside = Background()
    return api.app(mysql=beside.mysql, start=beside.start, close=beside.close, degraded=beside.reader.degraded)


if __name__ == "__main__":
    serve(app(), process_name(), is_alone=True)
