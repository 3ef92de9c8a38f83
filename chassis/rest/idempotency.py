"""Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): a POST that is repeated is done once.

The answer is kept in the transaction of what was made, so a crash leaves both or neither. Only what was made is kept: a
refusal made nothing, so its key stays free, and the request may be mended and sent again under it.
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

from chassis.databases.mysql import DUPLICATE, LOCK_WAIT, Connection, Database, LockConflict, Row, transact
from chassis.http.clients import caller
from chassis.http.disconnects import ClientGone
from chassis.http.problems import Problem, Unavailable
from chassis.rest.responses import WriteResponse
from chassis.types.schemas import NEEDED

MIGRATIONS = Path(__file__).parent / "mysql_migrations"

RETENTION_H = 24
"""How long an answer is given again, in hours, at least."""

REPLAYED = "Idempotent-Replayed"

Work = Callable[[Connection], Awaitable[WriteResponse]]
"""Does the write in the transaction it is given and says what to answer. Called again when a deadlock undid it."""

Run = Callable[[Database, Work], Awaitable[WriteResponse]]
"""How work is brought into a transaction: `transact`, or what calls that again for a reason of its own."""

_A_KEY = re.compile(r'[!#-~]{1,255}|"[ !#-~]{1,253}"')
_SWEPT_AT_ONCE = 1000

INSERT = """
INSERT INTO idempotency_key (caller, idempotency_key, request_hash, status, headers, body, about, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))
"""
_SELECT = """
SELECT request_hash, status, headers, body FROM idempotency_key WHERE caller = %s AND idempotency_key = %s
"""
_SWEEP = "DELETE FROM idempotency_key WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL %s HOUR LIMIT %s"
_FORGET = "UPDATE idempotency_key SET status = %s, request_hash = '', headers = '{}', body = '' WHERE about = %s"
_ERASED = 410

_in_flight: set[tuple[str, str]] = set()
"""Keys of requests that this process works on. Those of another process are found by the table's primary key."""


@dataclass(frozen=True)
class Post:
    """One POST as it arrived, with its key if it has one."""

    caller: str | None
    key: str | None
    request_hash: str

    @property
    def scope(self) -> str:
        """Within what the key is unique: the client's name. All clients without one share the empty name, wherever
        they call from: the same request may come again over another network."""
        return self.caller or ""

    async def once(self, database: Database, work: Work, run: Run = transact) -> Response:
        """Do `work` in a transaction, or give the answer that this key had before.

        Raises the 409 of a key in flight, the 422 of a key that was used for another request, the 410 of one whose
        answer told of a person who is erased now, and what `work` raises.
        """
        if self.key is None:
            return (await run(database, work)).response()
        place = (self.scope, self.key)
        if place in _in_flight:
            return await self._known(database) or _raise(_still_in_flight())
        _in_flight.add(place)
        try:
            return (await run(database, self._kept(work))).response()
        except ClientGone:
            raise
        except Exception as error:  # what was done already may be refused now: an order cannot be cancelled twice
            if isinstance(error, Unavailable) and not isinstance(error, LockConflict):
                raise
            return await self._known(database) or _raise(error)
        finally:
            _in_flight.discard(place)

    def _kept(self, work: Work) -> Work:
        async def work_and_keep(tx: Connection) -> WriteResponse:
            answer = await work(tx)
            headers, body = orjson.dumps(dict(answer.headers)).decode(), answer.body.decode()
            about = str(answer.about) if answer.about else None
            row = (self.scope, self.key, self.request_hash, answer.status, headers, body, about)
            try:
                await tx.execute(INSERT, row)
            except pymysql.err.IntegrityError as error:
                # Should it be swept before it is read, the key is free, and so the same advice is right.
                raise _still_in_flight() if error.args[0] == DUPLICATE else error from error
            except pymysql.err.OperationalError as error:
                raise _still_in_flight() if error.args[0] == LOCK_WAIT else error from error
            return answer

        return work_and_keep

    async def _known(self, database: Database) -> Response | None:
        async with database.reading() as connection:
            row = await connection.fetch_one(_SELECT, [self.scope, self.key])
        if row is None:
            return None
        if row["status"] == _ERASED:
            raise Problem(_ERASED, "erased", "this Idempotency-Key was used for a person who is erased")
        if row["request_hash"] != self.request_hash:
            raise Problem(422, "idempotency-key-reused", "this Idempotency-Key was used for another request")
        return _answer(row).response(**{REPLAYED: "true"})


async def sweep(database: Database) -> int:
    """Remove the answers that are older than `RETENTION_H`. Returns how many."""
    removed, last = 0, _SWEPT_AT_ONCE
    while last == _SWEPT_AT_ONCE:
        async with database.reading() as connection:
            last = await connection.execute(_SWEEP, [RETENTION_H, _SWEPT_AT_ONCE])
        removed += last
    return removed


async def erase_responses(tx: Connection, about: object) -> None:
    """Erase the answers that tell of this person. Their keys stay taken, so that no late repetition makes them anew."""
    await tx.execute(_FORGET, [_ERASED, str(about)])


_KEY = WithJsonSchema({"type": "string", "pattern": f"^({_A_KEY.pattern})$"})
_WHAT_A_KEY_IS = (
    "A random text, such as a UUID, new for each thing to be made and kept when it is sent again. "
    "It is this client's own where there is an `X-Client-Id`; without, it is shared by all clients without a name."
)

KeyHeader = Annotated[Annotated[str, _KEY] | None, Header(alias="Idempotency-Key", description=_WHAT_A_KEY_IS)]
NeededKeyHeader = Annotated[
    Annotated[str, _KEY] | None,
    Header(alias="Idempotency-Key", description=_WHAT_A_KEY_IS, json_schema_extra=NEEDED),
]


async def _post(request: Request, key: KeyHeader = None) -> Post:
    key = None if key is None else _read(request.headers.getlist("Idempotency-Key"))
    return Post(await caller(request), key, _hash(request, await request.body()) if key else "")


async def _keyed_post(request: Request, key: NeededKeyHeader = None) -> Post:
    if key is None:
        detail = "send an Idempotency-Key: a new random text, such as a UUID, for each order"
        raise Problem(400, "idempotency-key-missing", detail)
    return await _post(request, key)


Once = Annotated[Post, Depends(_post)]
"""A POST that may carry a key."""

KeyedOnce = Annotated[Post, Depends(_keyed_post)]
"""A POST that must carry a key: 400 without."""


def _read(lines: list[str]) -> str:
    """The key in the header: the draft has it in quotes, most clients send it bare; both are the same key."""
    if len(lines) != 1 or not _A_KEY.fullmatch(lines[0]):
        raise Problem(400, "idempotency-key-invalid", "an Idempotency-Key is 1 to 255 printable ASCII characters, once")
    return lines[0].strip('"')


def _hash(request: Request, body: bytes) -> str:
    """Of what is asked for: a body that says the same with other spaces or another order of members is the same."""
    try:
        said = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except (ValueError, TypeError):  # empty, or JSON that Python takes and orjson does not, or one too deep to sort
        said = body
    return hashlib.sha256(b"%s %s\n%s" % (request.method.encode(), request.url.path.encode(), said)).hexdigest()


def _answer(row: Row) -> WriteResponse:
    return WriteResponse(row["status"], orjson.loads(row["headers"]), row["body"].encode())


def _still_in_flight() -> Problem:
    detail = "the first request with this Idempotency-Key is still being worked on; try again in a moment"
    return Problem(409, "request-in-flight", detail, headers={"Retry-After": "1"})


def _raise(error: Exception) -> Response:
    raise error
