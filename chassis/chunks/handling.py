"""Making a batch durable whatever happens: wait for a store that is away, set aside what no store can take.

What is bad is halved until the one bad record is found.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import pymysql
from aiokafka.errors import MessageSizeTooLargeError
from prometheus_client import Counter

from chassis.chunks.batch import Batch
from chassis.chunks.dead_letters import DeadLetters
from chassis.logs import logger
from chassis.retrying import attempts

log = logger(__name__)

EXIT_VIEW_LOST = 71

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
            if is_bad_data(error):
                return await _set_apart(batch, error, handle, dead_letters)
            RETRIES.labels(batch.topic.name).inc()
            log.warning("trying again", attempt=attempt, reason=f"{type(error).__name__}: {error}")
    return set()


def is_bad_data(error: Exception) -> bool:
    """Whether a store, or what writes to it, refused the data itself."""
    # Faust wraps what the client of the broker says.
    return isinstance(error, BAD_DATA) or isinstance(error.__cause__, MessageSizeTooLargeError)


async def _set_apart(batch: Batch, error: Exception, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    if batch.is_divisible:
        first, second = batch.halves()
        return await handle_safely(first, handle, dead_letters) | await handle_safely(second, handle, dead_letters)
    if not batch.entries:
        log.error("a position cannot be stored", reason=repr(error), topic=batch.topic.name)
        return set()
    record = batch.entries[0].record
    await dead_letters.set_aside(batch.topic, record, error)
    return {record.offset} | await handle_safely(batch.without_entries(), handle, dead_letters)
