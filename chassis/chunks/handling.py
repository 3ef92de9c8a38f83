"""Processes a batch reliably: retries during outages, and writes dead letters for invalid records.

A batch with invalid data is halved until the invalid record is found. Errors that affect all records (a missing table
or column, missing privileges, no free file descriptors) are neither: dead letters for all records would not help. They
are logged with a traceback, the worker is not ready and reports the reason, and it retries until they are fixed.
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
from chassis.http.errors.problems import Unavailable
from chassis.logs import logger
from chassis.retrying import attempts

log = logger(__name__)

EXIT_VIEW_LOST = 71

RETRIES = Counter("oms_retries_total", "Retries of rows of a topic because a database was unavailable", ["topic"])
FAULTS = Gauge("oms_faults", "Batches that wait for a fault to be fixed, not for the end of an outage")

Handler = Callable[[Batch], Awaitable[None]]
"""Writes a batch durably. Called again with the same rows after an error, so it must be idempotent."""


class ViewLost(Exception):
    """The tables or the index of this worker are missing: they must be recreated and filled from the start."""


class BadRecord(Exception):
    """A database rejected the data as invalid: a retry does not help."""


class RetryLater(Exception):
    """A temporary rejection by a database."""


class PartialFailure(Exception):
    """Rows with these keys are invalid; all others of the batch are durable, so nothing is retried."""

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
"""Errors of databases and their clients for invalid data."""

_BUGS = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
_BUG_ATTEMPTS = 3
"""Our own code raises these for an unexpected row. A library that is being closed does, too, so the row is considered
invalid only after repeated attempts."""

_OUTAGES_OF_KAFKA = (KafkaTimeoutError, KafkaUnavailableError)

_faults: dict[int, str] = {}
"""The reason why a batch is blocked, by batch."""


def check_faults() -> None:
    """Raises LookupError with the reason if a batch is blocked by a fault that must be fixed."""
    for reason in _faults.values():
        raise LookupError(f"records are not processed: {reason}")


async def handle_safely(batch: Batch, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    """Handle a batch: retry during outages, write dead letters for invalid records.

    Returns the offsets of the dead letters' records.
    """
    try:
        async for attempt in attempts(most_s=10):
            try:
                await handle(batch)
                break
            except VIEW_LOST as error:
                # The worker recreates it and replays the topics from the beginning at its start.
                log.critical("view missing, exiting to recreate it", reason=repr(error))
                os._exit(EXIT_VIEW_LOST)
            except PartialFailure as error:
                return await _set_aside(batch, error, dead_letters)
            except Exception as error:
                if _is_bad_data(error) or (isinstance(error, _BUGS) and attempt >= _BUG_ATTEMPTS):
                    _note_fault(batch, None)
                    return await _isolate(batch, error, handle, dead_letters)
                for topic in batch.topics:
                    RETRIES.labels(topic.name).inc()
                _log_failure(batch, error, attempt)
        return set()
    finally:
        _note_fault(batch, None)


def _log_failure(batch: Batch, error: Exception, attempt: int) -> None:
    """Log why a batch is retried: an outage as a warning, other faults once with a traceback."""
    reason = f"{type(error).__name__}: {error}"
    if is_outage(error) or isinstance(error, _BUGS):
        _note_fault(batch, None)
        log.warning("batch failed, retrying", attempt=attempt, reason=reason)
    elif _faults.get(id(batch)) != reason:
        _note_fault(batch, reason)
        log.error("batch blocked, retrying until the fault is fixed", attempt=attempt, exc_info=error)


def _note_fault(batch: Batch, reason: str | None) -> None:
    if reason is None:
        _faults.pop(id(batch), None)
    else:
        _faults[id(batch)] = reason
    FAULTS.set(len(_faults))


def is_outage(error: Exception) -> bool:
    """Whether a database or the broker is unavailable, so that a retry may succeed."""
    return any(map(_is_an_outage, (error, error.__cause__)))  # Faust wraps errors of the Kafka client


def _is_an_outage(error: BaseException | None) -> bool:
    if error is None:
        return False
    if isinstance(error, KafkaError):
        return bool(error.retriable) or isinstance(error, _OUTAGES_OF_KAFKA)
    if isinstance(error, Unavailable | RetryLater):
        return True
    return mysql_errors.is_unavailable(error) or postgres_errors.is_unavailable(error)


def _is_bad_data(error: Exception) -> bool:
    # Faust wraps errors of the Kafka client.
    return isinstance(error, BAD_DATA) or isinstance(error.__cause__, MessageSizeTooLargeError)


async def _set_aside(batch: Batch, error: PartialFailure, dead_letters: DeadLetters) -> set[int]:
    """Write one dead letter for each invalid key."""
    records = batch.one_record_of_each(error.keys)
    for topic, record in records:
        await dead_letters.set_aside(topic, record, error)
    return {record.offset for _, record in records}


async def _isolate(batch: Batch, error: Exception, handle: Handler, dead_letters: DeadLetters) -> set[int]:
    if batch.is_divisible:
        first, second = batch.halves()
        return await handle_safely(first, handle, dead_letters) | await handle_safely(second, handle, dead_letters)
    if not batch.entries:
        log.error("position not stored", reason=repr(error), topic=batch.topic.name)
        return set()
    record = batch.entries[0].record
    await dead_letters.set_aside(batch.topic, record, error)
    return {record.offset} | await handle_safely(batch.without_entries(), handle, dead_letters)
