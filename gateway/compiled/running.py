"""Running a compiled statement: the bytes of `data`, as Postgres makes them."""

from __future__ import annotations

import asyncpg

from chassis.databases.postgres import Database
from chassis.http.problems import Unavailable
from chassis.logs import logger
from gateway import errors
from gateway.compiled.plans import Query
from gateway.compiled.text import BROKEN

log = logger(__name__)

_BROKEN = BROKEN.encode()


async def data_of(read_model: Database, query: Query) -> bytes | None:
    """The JSON of `data`, or None when something is wrong that the executor must tell. Raises Refusal: it is away."""
    try:
        data: bytes = await read_model.fetchval(query.sql, query.parameters)
    except Unavailable as error:
        raise errors.unavailable(error.detail) from error
    except asyncpg.PostgresError as error:
        log.warning("a compiled statement failed", reason=repr(error), sql=query.sql)
        return None
    return None if _BROKEN in data else data
