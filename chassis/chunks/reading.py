"""The body of every agent: reads chunks without losing records, and never raises.

Offsets advance only when a chunk's work is durable. An unexpected exception ends the worker.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from time import perf_counter
from typing import Any

from aiokafka import ConsumerRecord
from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from chassis.chunks.batch import Batch, Entry, position_after
from chassis.chunks.chunk import Chunk
from chassis.chunks.dead_letters import DeadLetters
from chassis.chunks.handling import Handler, handle_safely
from chassis.chunks.lanes import Lanes
from chassis.logs import logger
from contracts.topics import Kind, Topic

log = logger(__name__)

EXIT_UNFINISHED = 70

_entry = tuple.__new__

RECORDS = Counter("oms_records_total", "Records read and durably processed", ["topic"])


@dataclass(frozen=True)
class _Work:
    """The processing of chunks of one agent's topics."""

    handle: Handler
    dead_letters: DeadLetters
    sources: dict[str, tuple[Topic[Any], Callable[[bytes], Any]]]

    async def do(self, groups: Sequence[Sequence[Chunk]]) -> None:
        """Process chunks of one partition number, each group of one topic; replays are separate."""
        replays = [group for group in groups if self._is_replay(group)]
        rows = [group for group in groups if not self._is_replay(group)]
        if rows:
            await self._process(rows)
        for group in replays:
            await self._process([group])

    async def _process(self, groups: Sequence[Sequence[Chunk]]) -> None:
        first = groups[0][0]
        topics = "+".join(group[0].partition.topic for group in groups)
        with bound_contextvars(topic=topics, partition=first.partition.partition, offset=first.records[0].offset):
            started = perf_counter()
            with _exit_on_error():
                batch = await self._batch(groups)
                failed = await handle_safely(batch, self.handle, self.dead_letters)
                if self._is_replay(groups[0]):
                    processed = [entry.record for entry in batch.entries if entry.record.offset not in failed]
                    await self.dead_letters.close(batch.topic, processed)
            spent_ms = round((perf_counter() - started) * 1000, 1)
            records = sum(len(chunk) for group in groups for chunk in group)
            say = log.debug if batch.topic.kind is Kind.PASSING else log.info  # heartbeats would fill the log
            say("chunk done", records=records, next_offset=groups[0][-1].end, duration_ms=spent_ms)
        for chunk in chain.from_iterable(groups):
            RECORDS.labels(chunk.partition.topic).inc(len(chunk))
            chunk.done()

    async def _batch(self, groups: Sequence[Sequence[Chunk]]) -> Batch:
        """The rows of all groups, decoded."""
        beside = None
        for group in reversed(groups):
            beside = replace(await self._decoded(group), beside=beside)
        assert beside is not None, "there is work where there is a chunk"
        return beside

    async def _decoded(self, chunks: Sequence[Chunk]) -> Batch:
        topic, decode = self.sources[chunks[0].partition.topic]
        records = chain.from_iterable(chunk.records for chunk in chunks)
        entries = await decode_records(records, topic, decode, self.dead_letters)
        return Batch(topic, entries, position_after(chunks[-1].records[-1], chunks[-1].end))

    def _is_replay(self, chunks: Sequence[Chunk]) -> bool:
        name = chunks[0].partition.topic
        return name == self.sources[name][0].replay


async def decode_records(
    records: Iterable[ConsumerRecord], topic: Topic[Any], decode: Callable[[bytes], Any], dead_letters: DeadLetters
) -> list[Entry]:
    """The rows in records of a topic, or of its replays. Records that cannot be decoded become dead letters.

    Tombstones are skipped, since the deleted row precedes them, and so are replays for other consumers of the topic.
    """
    records = list(records)
    if records and records[0].topic != topic.replay:
        try:
            # Almost always. A named tuple's own constructor takes twice as long.
            return [_entry(Entry, (decode(each.value), each)) for each in records if each.value is not None]
        except Exception:
            pass  # one by one, to set the invalid ones aside
    entries = []
    for record in records:
        if record.value is None or (record.topic == topic.replay and not dead_letters.is_mine(record)):
            continue
        try:
            entries.append(Entry(decode(record.value), record))
        except Exception as error:  # decoding has no side effects, so any error is the record's
            await dead_letters.set_aside(topic, record, error)
    return entries


async def each_chunk(
    stream: AsyncIterable[Chunk],
    *,
    topics: Sequence[Topic[Any]],
    handle: Handler,
    dead_letters: DeadLetters,
    side_by_side: bool = False,
) -> None:
    """Handle every chunk of the stream; offsets advance only when a chunk's work is durable.

    Replays come on a separate topic and are handled like records of the topic itself. Chunks are processed in sequence,
    or with `side_by_side` concurrently for different partition numbers.
    """
    sources = {name: (topic, topic.decoder()) for topic in topics for name in (topic.name, topic.replay)}
    work = _Work(handle, dead_letters, sources)
    if side_by_side:
        async with Lanes(work.do) as lanes:
            async for chunk in stream:
                lanes.add(chunk)
    else:
        async for chunk in stream:
            await work.do([[chunk]])


@contextmanager
def _exit_on_error() -> Iterator[None]:
    """An unexpected error ends the process without an acknowledgement; the supervisor restarts it.

    Faust would restart the agent after the unfinished chunk, and the partition would stall unnoticed.
    """
    try:
        yield
    except Exception:
        log.critical("chunk failed, exiting", exc_info=True)
        os._exit(EXIT_UNFINISHED)
