"""The Kafka process: a Faust app that reads chunks, with health, metrics and JSON logs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from os import environ
from pathlib import Path
from typing import Any, cast

import faust
from faust import web
from faust.sensors.prometheus import setup_prometheus_sensors

from chassis import addresses, logs
from chassis.chunks.batch import Batch
from chassis.chunks.chunk import Chunk, ChunkSchema
from chassis.chunks.dead_letters import DeadLetters, DiscardedRecords
from chassis.chunks.handling import Handler, check_faults
from chassis.chunks.reading import each_chunk
from chassis.http.health import Check, Readiness
from chassis.kafka.client import admin
from chassis.kafka.freshness import Freshness, FreshUntil, Positions, sources_of
from chassis.kafka.offsets import Offset, Offsets
from chassis.kafka.rewind import rewind
from chassis.kafka.worker_health import health_pages
from chassis.retrying import until_done
from chassis.settings import seconds
from contracts.sizes import DEAD_LETTER_BYTES, FETCH_BYTES
from contracts.topics import Topic

STALLED_S = 30.0
"""A chunk that takes longer is being retried: the worker is live and not ready."""


COMMIT_S = 1.0


class Worker:
    """A Faust worker. `name` is its consumer group, `port_name` the name of its HTTP port.

    It commits offsets every `commit_s` seconds: what is computed from committed offsets is late by as much.
    """

    def __init__(
        self,
        name: str,
        port_name: str,
        *,
        checks: Mapping[str, Check],
        prepare: Callable[[], Awaitable[None]],
        view_offsets: Callable[[], Awaitable[Offset | None]],
        close: Callable[[], Awaitable[None]],
        commit_s: float = COMMIT_S,
    ) -> None:
        self.name = name
        self.port_name = port_name
        self.prepare = prepare
        self.view_offsets = view_offsets
        self.topics: list[str] = []
        self.replays: list[str] = []
        self.app = _faust_app(name, port_name, commit_s)
        self.dead_letters = DeadLetters(self.app, name)
        self.readiness = Readiness({"kafka": self._check_kafka, "records": _check_faults, **checks})
        self._add_pages()
        self._close_at_shutdown(close)

    def reads(self, *topics: Topic[Any], handle: Handler, side_by_side: bool = False) -> None:
        """Add an agent that reads `topics` and their replays; `handle` writes their rows durably.

        With `side_by_side`, `handle` runs concurrently, once per partition number.
        """
        replays = [topic.replay for topic in topics]
        self.topics += [topic.name for topic in topics]
        self.replays += replays
        self._agent(topics, handle, self.dead_letters, replays, side_by_side=side_by_side)

    def keeps_fresh(self, note: Callable[[FreshUntil], Awaitable[None]], positions: Positions | None = None) -> None:
        """Add an agent that reads the heartbeats of the topics' sources; `note` stores the freshness of the view.

        Call it after `reads`. `positions` are those of the view; by default, the committed offsets of the group.
        """
        committed = Offsets(self.name)
        freshness = Freshness(self.topics, positions or (lambda: committed.committed(self.topics)))
        self._close_at_shutdown(freshness.close)
        self._close_at_shutdown(committed.close)

        async def beat(batch: Batch) -> None:
            fresh = await freshness.observe(batch)
            if fresh is not None:
                await note(fresh)

        self._agent(
            [source.heartbeat for source in sources_of(set(self.topics))], beat, DiscardedRecords(self.app, self.name)
        )

    def _agent(
        self,
        topics: Sequence[Topic[Any]],
        handle: Handler,
        dead_letters: DeadLetters,
        replays: Sequence[str] = (),
        *,
        side_by_side: bool = False,
    ) -> None:
        names = [topic.name for topic in topics]
        cast(Any, self.app.transport).chunked_topics.update([*names, *replays])
        channel = self.app.topic(*names, *replays, schema=ChunkSchema(), allow_empty=True)

        async def body(stream: AsyncIterable[Chunk]) -> None:
            await each_chunk(stream, topics=topics, handle=handle, dead_letters=dead_letters, side_by_side=side_by_side)

        body.__qualname__ = f"{self.name} reads {' and '.join(names)}"  # its name in Faust's logs and pages
        self.app.agent(channel, name=f"{self.name}.{'+'.join(names)}")(body)

    def run(self) -> None:
        """Wait for dependencies, then work until SIGTERM."""
        logs.configure(self.name)
        Path(self.app.conf.datadir).parent.mkdir(parents=True, exist_ok=True)
        # Not on uvloop: Faust's two threads call each other's loops in ways that asyncio's own loop tolerates.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._get_ready())
        worker = faust.Worker(self.app, loop=loop, override_logging=False, redirect_stdouts=False)
        worker.spinner = None  # it would write between the JSON lines
        worker.execute_from_commandline()

    async def _get_ready(self) -> None:
        client_log = logging.getLogger("aiokafka")
        client_log.setLevel(logging.CRITICAL)  # until_done logs each reason once
        async with health_pages(self.port_name, self.readiness):
            note = self.readiness.note_failure
            await until_done("topics", self._check_topics, note)
            await until_done("start-up", self.prepare, note)
            await until_done("offsets of the view", self._rewind_to_view, note)
        client_log.setLevel(logging.WARNING)
        self.readiness.prepared = True

    async def _check_topics(self) -> None:
        async with admin() as client:
            missing = sorted({*self.topics, *self.replays} - set(await client.list_topics()))
        if missing:
            raise LookupError(f"topics are missing: {', '.join(missing)}")

    async def _rewind_to_view(self) -> None:
        # Replays are not rewound: their records are on the topics themselves, too.
        view_offsets = await self.view_offsets()
        if view_offsets is not None:
            await rewind(self.name, self.topics, view_offsets)

    async def _check_kafka(self) -> None:
        await self._check_topics()
        if not self.readiness.prepared or not self.app.consumer.assignment():
            raise LookupError("no partitions are assigned to this worker")
        if (waited_s := cast(Any, self.app.consumer).longest_unfinished_s()) > STALLED_S:
            raise LookupError(f"one chunk has not been done for {waited_s:.0f} s")

    def _close_at_shutdown(self, close: Callable[[], Awaitable[None]]) -> None:
        async def closing(*_: Any, **__: Any) -> None:
            await close()

        self.app.on_before_shutdown.connect(closing, weak=False)

    def _add_pages(self) -> None:
        setup_prometheus_sensors(self.app, name_prefix=f"oms_{self.name}")

        @self.app.page("/health/live")
        async def live(view: web.View, _: web.Request) -> web.Response:
            return view.json({"status": "live"})

        @self.app.page("/health/ready")
        async def ready(view: web.View, _: web.Request) -> web.Response:
            status, body = await self.readiness.answer()
            return view.json(body, status=status)


async def _check_faults() -> None:
    check_faults()


def _faust_app(name: str, port_name: str, commit_s: float) -> faust.App:
    broker = addresses.address("kafka")
    session_s = seconds("OMS_WORKER_SESSION_S", 10)
    request_s = seconds("OMS_WORKER_REQUEST_TIMEOUT_S", 90)
    return faust.App(
        name,
        broker=f"kafka://{broker}",
        broker_consumer=f"chunkkafka://{broker}",
        datadir=str(Path(environ.get("OMS_DATA_DIR", ".local/data")) / "faust" / name),
        web_bind=environ.get("OMS_BIND", "127.0.0.1"),
        web_host="127.0.0.1",
        web_port=addresses.port(port_name),
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=commit_s,
        broker_commit_every=1_000_000_000,
        broker_max_poll_records=2000,
        broker_session_timeout=session_s,
        broker_heartbeat_interval=session_s / 3,
        broker_request_timeout=request_s,
        producer_request_timeout=request_s,  # Faust's default is 20 minutes
        producer_max_request_size=DEAD_LETTER_BYTES,
        consumer_max_fetch_size=FETCH_BYTES,
        stream_buffer_maxsize=256,
    )
