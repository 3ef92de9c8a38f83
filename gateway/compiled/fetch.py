"""Runs a compiled statement: the bytes of `data`, as Postgres builds them."""

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


async def fetch_data(read_model: Database, query: Query) -> bytes | None:
    """The JSON of `data`; None when the executor must report an error. Raises Refusal when Postgres is unavailable."""
    try:
        data: bytes = await read_model.fetchval(query.sql, query.parameters)
    except Unavailable as error:
        raise errors.unavailable(error.detail) from error
    except asyncpg.PostgresError as error:
        log.warning("compiled statement failed", reason=repr(error), sql=query.sql)
        return None
    return None if _BROKEN in data else data
