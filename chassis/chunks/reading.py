"""The body of every agent: read chunk after chunk, lose nothing, never raise.

What is transient is tried again for ever, what is bad is halved until the one bad record is found and set aside. An
exception that nobody foresaw ends the worker.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from time import perf_counter
from typing import Any

import asyncpg
import msgspec
import pymysql
from aiokafka.errors import MessageSizeTooLargeError
from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from chassis.chunks.batch import Batch, Entry, position_after
from chassis.chunks.chunk import Chunk
from chassis.chunks.dead_letters import DeadLetters
from chassis.chunks.lanes import Lanes
from chassis.logs import logger
from chassis.retrying import attempts
from contracts.topics import Kind, Topic

log = logger(__name__)

EXIT_UNFINISHED = 70
EXIT_VIEW_LOST = 71

RECORDS = Counter("oms_records_total", "Records read and durably handled", ["topic"])
RETRIES = Counter("oms_retries_total", "Batches tried again because a store was away", ["topic"])

Handler = Callable[[Batch], Awaitable[None]]
"""Makes a batch durable. Called again with the same rows after a fault, so it must be safe to repeat."""


class ViewLost(Exception):
    """What this worker writes to is gone, tables or index: it must be made anew and filled from the start."""


class BadRecord(Exception):
    """A store refused the data itself: trying again will not help."""


VIEW_LOST = (ViewLost, asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)

BAD_DATA = (
    BadRecord,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    pymysql.err.DataError,
    pymysql.err.IntegrityError,
    msgspec.MsgspecError,
    MessageSizeTooLargeError,
    ArithmeticError,
    RecursionError,
    UnicodeError,
)
"""What a store, or what writes to it, says of data that it cannot take. A column or a table that is not there is not
among it: that is true of all records alike, and waits for whoever mends it."""


async def each_chunk(
    stream: AsyncIterable[Chunk],
    *,
    topics: Sequence[Topic[Any]],
    handle: Handler,
    dead_letters: DeadLetters,
    side_by_side: bool = False,
) -> None:
    """Handle every chunk of the stream; offsets move on only when a chunk's work is durable.

    What was replayed comes on a topic of its own beside each topic, and is handled as if it had come on the topic. One
    chunk after the other, or with `side_by_side` those of different partition numbers at once.
    """
    sources = {name: (topic, topic.decoder()) for topic in topics for name in (topic.name, topic.replay)}

    async def work(chunks: Sequence[Chunk]) -> None:
        await _work_through(chunks, *sources[chunks[0].partition.topic], handle, dead_letters)

    if side_by_side:
        async with Lanes(work) as lanes:
            async for chunk in stream:
                lanes.add(chunk)
    else:
        async for chunk in stream:
            await work([chunk])


async def _work_through(
    chunks: Sequence[Chunk],
    topic: Topic[Any],
    decode: Callable[[bytes], Any],
    handle: Handler,
    dead_letters: DeadLetters,
) -> None:
    read, first, last, records = chunks[0].partition, chunks[0], chunks[-1], sum(map(len, chunks))
    with bound_contextvars(topic=read.topic, partition=read.partition, offset=first.records[0].offset):
        started = perf_counter()
        with _the_end_of_the_process():
            batch = await _decoded(chunks, topic, decode, dead_letters)
            aside = await handle_safely(batch, handle, dead_letters)
            if read.topic == topic.replay:
                of_use = [entry.record for entry in batch.entries if entry.record.offset not in aside]
                await dead_letters.close(topic, of_use)
        spent_ms = round((perf_counter() - started) * 1000, 1)
        say = log.debug if topic.kind is Kind.PASSING else log.info  # a heartbeat says nothing by itself
        say("chunk done", records=records, next_offset=last.end, duration_ms=spent_ms)
    RECORDS.labels(read.topic).inc(records)
    for chunk in chunks:
        chunk.done()


@contextmanager
def _the_end_of_the_process() -> Iterator[None]:
    """An error that nobody foresaw ends the process, and the supervisor starts it again with nothing acknowledged.

    Faust would start the agent anew behind the unfinished chunk, and that partition would stand still while all seems
    well.
    """
    try:
        yield
    except Exception:
        log.critical("a chunk was left unfinished, ending this process", exc_info=True)
        os._exit(EXIT_UNFINISHED)


async def handle_safely(batch: Batch, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    """Handle a batch whatever happens: wait for stores that are away, set aside what no store can take.

    Returns the offsets of what was set aside.
    """
    async for attempt in attempts(most_s=10):
        try:
            await handle(batch)
            break
        except VIEW_LOST as error:
            # Making it anew and reading all topics again is what a worker does at its start.
            log.critical("the view is gone, ending this process to make it anew", reason=repr(error))
            os._exit(EXIT_VIEW_LOST)
        except Exception as error:
            if _is_bad_data(error):
                return await _set_apart(batch, error, handle, dead_letters)
            RETRIES.labels(batch.topic.name).inc()
            log.warning("trying again", attempt=attempt, reason=f"{type(error).__name__}: {error}")
    return set()


def _is_bad_data(error: Exception) -> bool:
    # Faust wraps what the client of the broker says.
    return isinstance(error, BAD_DATA) or isinstance(error.__cause__, MessageSizeTooLargeError)


async def _set_apart(batch: Batch, error: Exception, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    if len(batch.entries) > 1:
        first, second = batch.halves()
        return await handle_safely(first, handle, dead_letters) | await handle_safely(second, handle, dead_letters)
    if not batch.entries:
        log.error("a position cannot be stored", reason=repr(error), topic=batch.topic.name)
        return set()
    record = batch.entries[0].record
    await dead_letters.set_aside(batch.topic, record, error)
    return {record.offset} | await handle_safely(batch.without_entries(), handle, dead_letters)


async def _decoded(
    chunks: Sequence[Chunk], topic: Topic[Any], decode: Callable[[bytes], Any], dead_letters: DeadLetters
) -> Batch:
    """The chunks' rows. Tombstones say nothing that the deleted row before them did not; they are passed over.

    So is what was replayed for another consumer of the topic.
    """
    is_replay = chunks[0].partition.topic == topic.replay
    entries = []
    for record in chain.from_iterable(chunk.records for chunk in chunks):
        if record.value is None or (is_replay and not dead_letters.is_mine(record)):
            continue
        try:
            entries.append(Entry(decode(record.value), record))
        except Exception as error:  # decoding touches nothing else, so whatever it raises is the record's fault
            await dead_letters.set_aside(topic, record, error)
    return Batch(topic, entries, position_after(chunks[-1].records[-1], chunks[-1].end))
