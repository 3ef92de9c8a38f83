"""Making a batch durable whatever happens: wait out an outage, set aside what no store can take.

What is bad is halved until the one bad record is found. What is wrong with all records alike (a table or column that is
missing, an account that may not write, no file left on this machine) is neither: setting all aside would help nobody.
It is logged with its traceback, the worker is not ready and says why, and it tries again, so that it goes on by itself
once that is repaired.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection

import asyncpg
import msgspec
import pymysql
from aiokafka.errors import KafkaError, KafkaTimeoutError, KafkaUnavailableError, MessageSizeTooLargeError
from prometheus_client import Counter, Gauge

from chassis.chunks.batch import Batch
from chassis.chunks.dead_letters import DeadLetters
from chassis.databases import mysql_errors, postgres_errors
from chassis.http.problems import Unavailable
from chassis.logs import logger
from chassis.retrying import attempts

log = logger(__name__)

EXIT_VIEW_LOST = 71

RETRIES = Counter(
    "oms_retries_total", "Times that rows of a topic were tried again because a store was away", ["topic"]
)
FAULTS = Gauge("oms_faults", "Batches that wait for something to be repaired, not for an outage to end")

Handler = Callable[[Batch], Awaitable[None]]
"""Makes a batch durable. Called again with the same rows after a fault, so it must be safe to repeat."""


class ViewLost(Exception):
    """What this worker writes to is gone, tables or index: it must be made anew and filled from the start."""


class BadRecord(Exception):
    """A store refused the data itself: trying again will not help."""


class RetryLater(Exception):
    """A store did not take this now, and will."""


class PartialFailure(Exception):
    """Rows with these keys lead to what cannot be; all else of the batch is durable, so nothing is done again."""

    def __init__(self, keys: Collection[object], why: str) -> None:
        super().__init__(why)
        self.keys = keys


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
"""What a store, or what writes to it, says of data that it cannot take."""

_BUGS = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
_BUG_TRIES = 3
"""Our own code raises these over a row that it did not expect. A library does, too, when it is closed under way: so the
row is blamed only when the same comes of it again."""

_OUTAGES_OF_KAFKA = (KafkaTimeoutError, KafkaUnavailableError)

_faults: dict[int, str] = {}
"""By batch, why it stands still."""


def check_faults() -> None:
    """Return when nothing must be repaired for this process to go on. Raises LookupError with the reason."""
    for reason in _faults.values():
        raise LookupError(f"records are not taken in: {reason}")


async def handle_safely(batch: Batch, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    """Handle a batch whatever happens: wait out outages, set aside what no store can take.

    Returns the offsets of what was set aside.
    """
    try:
        async for attempt in attempts(most_s=10):
            try:
                await handle(batch)
                break
            except VIEW_LOST as error:
                # Making it anew and reading all topics again is what a worker does at its start.
                log.critical("the view is gone, ending this process to make it anew", reason=repr(error))
                os._exit(EXIT_VIEW_LOST)
            except PartialFailure as error:
                return await _set_aside(batch, error, dead_letters)
            except Exception as error:
                if _is_bad_data(error) or (isinstance(error, _BUGS) and attempt >= _BUG_TRIES):
                    _note_fault(batch, None)
                    return await _set_apart(batch, error, handle, dead_letters)
                for topic in batch.topics:
                    RETRIES.labels(topic.name).inc()
                _tell(batch, error, attempt)
        return set()
    finally:
        _note_fault(batch, None)


def _tell(batch: Batch, error: Exception, attempt: int) -> None:
    """Say why a batch is tried again: an outage ends by itself, and what does not is told with its traceback, once."""
    reason = f"{type(error).__name__}: {error}"
    if is_outage(error) or isinstance(error, _BUGS):
        _note_fault(batch, None)
        log.warning("trying again", attempt=attempt, reason=reason)
    elif _faults.get(id(batch)) != reason:
        _note_fault(batch, reason)
        log.error("records are not taken in; trying again until this is repaired", attempt=attempt, exc_info=error)


def _note_fault(batch: Batch, reason: str | None) -> None:
    if reason is None:
        _faults.pop(id(batch), None)
    else:
        _faults[id(batch)] = reason
    FAULTS.set(len(_faults))


def is_outage(error: Exception) -> bool:
    """Whether something that the worker writes to is away or busy, so that waiting is all there is to do."""
    return any(map(_is_an_outage, (error, error.__cause__)))  # Faust wraps what the client of the broker says


def _is_an_outage(error: BaseException | None) -> bool:
    if error is None:
        return False
    if isinstance(error, KafkaError):
        return bool(error.retriable) or isinstance(error, _OUTAGES_OF_KAFKA)
    if isinstance(error, Unavailable | RetryLater):
        return True
    return mysql_errors.is_unavailable(error) or postgres_errors.is_unavailable(error)


def _is_bad_data(error: Exception) -> bool:
    # Faust wraps what the client of the broker says.
    return isinstance(error, BAD_DATA) or isinstance(error.__cause__, MessageSizeTooLargeError)


async def _set_aside(batch: Batch, error: PartialFailure, dead_letters: DeadLetters) -> set[int]:
    """Set one record aside for each bad key."""
    records = batch.one_record_of_each(error.keys)
    for topic, record in records:
        await dead_letters.set_aside(topic, record, error)
    return {record.offset for _, record in records}


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
