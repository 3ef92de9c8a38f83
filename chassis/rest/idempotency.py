"""Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): a retried POST is executed once.

The response is stored in the transaction of the write, so that a crash leaves both or neither. Only successful writes
are stored: after a problem the key is still free, and the corrected request can use it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import pymysql
from fastapi import Depends, Header, Request, Response
from pydantic import WithJsonSchema

from chassis.databases import mysql_errors
from chassis.databases.mysql import DUPLICATE, LOCK_WAIT, Connection, Database, LockConflict, Row, transact
from chassis.http.clients import caller
from chassis.http.errors.problems import Problem, Unavailable
from chassis.http.serving.disconnects import ClientGone
from chassis.rest.responses import GENERATED_ID, WriteResponse
from chassis.types.schemas import NEEDED

MIGRATIONS = Path(__file__).parent / "mysql_migrations"

RETENTION_H = 24
"""For how many hours, at least, a response is replayed."""

REPLAYED = "Idempotent-Replayed"

Work = Callable[[Connection], Awaitable[WriteResponse]]
"""Writes in the given transaction and returns the response. Called again after a deadlock."""

Run = Callable[[Database, Work], Awaitable[WriteResponse]]
"""Runs work in a transaction: `transact`, or a function that retries it for further reasons."""

_A_KEY = re.compile(r'[!#-~]{1,255}|"[ !#-~]{1,253}"')
_SWEPT_AT_ONCE = 1000

INSERT = f"""
INSERT INTO idempotency_key (caller, idempotency_key, request_hash, status, headers, body, about, created_at)
VALUES (%s, %s, %s, %s, %s, REPLACE(%s, '{GENERATED_ID}', LAST_INSERT_ID()), %s, UTC_TIMESTAMP(3))
"""
_SELECT = """
SELECT request_hash, status, headers, body FROM idempotency_key WHERE caller = %s AND idempotency_key = %s
"""
_SWEEP = "DELETE FROM idempotency_key WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL %s HOUR LIMIT %s"
_FORGET = "UPDATE idempotency_key SET status = %s, request_hash = '', headers = '{}', body = '' WHERE about = %s"
_ERASED = 410

_in_flight: set[tuple[str, str]] = set()
"""Keys of requests in progress in this process. Those of other processes are found by the table's primary key."""


@dataclass(frozen=True)
class Post:
    """A received POST with its key, if it has one."""

    caller: str | None
    key: str | None
    request_hash: str

    @property
    def scope(self) -> str:
        """The scope in which the key is unique: the client's name. Clients without one share the empty name, since a
        retry may come from another address."""
        return self.caller or ""

    @property
    def digest(self) -> str:
        """A short name of the caller and the key: the same for each retry."""
        return hashlib.sha256(f"{self.scope}\n{self.key}".encode()).hexdigest()[:24]

    async def once(self, database: Database, work: Work, run: Run = transact) -> Response:
        """Run `work` in a transaction, or return the stored response of this key.

        Raises the 409 of a key in progress, the 422 of a key that was used for another request, the 410 of one whose
        response was about a person whose data is erased, and what `work` raises.
        """
        if self.key is None:
            return (await run(database, self._storing(work))).response()
        place = (self.scope, self.key)
        if place in _in_flight:
            return await self._known(database) or _raise(_still_in_flight())
        _in_flight.add(place)
        try:
            return (await run(database, self._storing(work))).response()
        except ClientGone:
            raise
        except (
            Exception
        ) as error:  # a retry may fail where the first attempt succeeded: an order cannot be cancelled twice
            if isinstance(error, Unavailable) and not isinstance(error, LockConflict):
                raise
            return await self._known(database) or _raise(error)
        finally:
            _in_flight.discard(place)

    def _storing(self, work: Work) -> Work:
        async def work_and_store(tx: Connection) -> WriteResponse:
            answer = await work(tx)
            if self.key is None:
                await tx.commit()
            else:
                await self._store(tx, answer)
            return answer.with_generated(tx.generated_id)

        return work_and_store

    async def _store(self, tx: Connection, answer: WriteResponse) -> None:
        headers, body = orjson.dumps(dict(answer.headers)).decode(), answer.body.decode()
        about = str(answer.about) if answer.about else None
        row = (self.scope, self.key, self.request_hash, answer.status, headers, body, about)
        try:
            await tx.execute_and_commit(INSERT, row)
        except pymysql.err.Error as error:
            # If a duplicate is deleted before it is read, the key is free, and a retry is right as well.
            if mysql_errors.number(error) in (DUPLICATE, LOCK_WAIT) and not tx.has_failed_elsewhere:
                raise _still_in_flight() from error
            raise

    async def _known(self, database: Database) -> Response | None:
        async with database.reading() as connection:
            row = await connection.fetch_one(_SELECT, [self.scope, self.key])
        if row is None:
            return None
        if row["status"] == _ERASED:
            raise Problem(_ERASED, "erased", "This Idempotency-Key was used for a person whose data is erased.")
        if row["request_hash"] != self.request_hash:
            raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
        return _answer(row).response(**{REPLAYED: "true"})


async def sweep(database: Database) -> int:
    """Delete the responses that are older than `RETENTION_H`. Returns their number."""
    removed, last = 0, _SWEPT_AT_ONCE
    while last == _SWEPT_AT_ONCE:
        async with database.reading() as connection:
            last = await connection.execute(_SWEEP, [RETENTION_H, _SWEPT_AT_ONCE])
        removed += last
    return removed


async def erase_responses(tx: Connection, about: object) -> None:
    """Erase the responses about this person. Their keys stay used, so that no late retry creates the person again."""
    await tx.execute(_FORGET, [_ERASED, str(about)])


_KEY = WithJsonSchema({"type": "string", "pattern": f"^({_A_KEY.pattern})$"})
_KEY_DESCRIPTION = (
    "A random text, such as a UUID: new for each request, the same for its retries. "
    "Unique per `X-Client-Id`; clients without a name share one scope."
)

KeyHeader = Annotated[Annotated[str, _KEY] | None, Header(alias="Idempotency-Key", description=_KEY_DESCRIPTION)]
NeededKeyHeader = Annotated[
    Annotated[str, _KEY] | None,
    Header(alias="Idempotency-Key", description=_KEY_DESCRIPTION, json_schema_extra=NEEDED),
]


async def _post(request: Request, key: KeyHeader = None) -> Post:
    key = None if key is None else _read(request.headers.getlist("Idempotency-Key"))
    return Post(await caller(request), key, _hash(request, await request.body()) if key else "")


async def _keyed_post(request: Request, key: NeededKeyHeader = None) -> Post:
    if key is None:
        detail = "Send an Idempotency-Key: a new random text, such as a UUID, for each request."
        raise Problem(400, "idempotency-key-missing", detail)
    return await _post(request, key)


Once = Annotated[Post, Depends(_post)]
"""A POST that may carry a key."""

KeyedOnce = Annotated[Post, Depends(_keyed_post)]
"""A POST that must carry a key: 400 without."""


def _read(lines: list[str]) -> str:
    """The key in the header: quoted as in the draft or bare as most clients send it; both are the same key."""
    if len(lines) != 1 or not _A_KEY.fullmatch(lines[0]):
        raise Problem(
            400,
            "idempotency-key-invalid",
            "The Idempotency-Key is malformed (1 to 255 printable ASCII characters, once).",
        )
    return lines[0].strip('"')


def _hash(request: Request, body: bytes) -> str:
    """A digest of method, path and body, ignoring white space and the order of members of the JSON."""
    try:
        canonical = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except (ValueError, TypeError):  # empty, JSON that orjson does not accept, or nested too deeply to sort
        canonical = body
    return hashlib.sha256(
        b"%s %s\n%s" % (request.method.encode(), request.scope["path"].encode(), canonical)
    ).hexdigest()


def _answer(row: Row) -> WriteResponse:
    return WriteResponse(row["status"], orjson.loads(row["headers"]), row["body"].encode())


def _still_in_flight() -> Problem:
    detail = "The first request with this Idempotency-Key is still in progress; retry shortly."
    return Problem(409, "request-in-flight", detail, headers={"Retry-After": "1"})


def _raise(error: Exception) -> Response:
    raise error
