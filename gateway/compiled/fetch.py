"""Runs compiled statements: the bytes of `data`, as Postgres builds them."""

from __future__ import annotations

import asyncpg

from chassis.databases.postgres import Database
from chassis.http.errors.problems import Unavailable
from chassis.logs import logger
from gateway import errors
from gateway.compiled.statements import Query
from gateway.compiled.text import BROKEN

log = logger(__name__)

_BROKEN = BROKEN.encode()


async def fetch_data(read_model: Database, query: Query) -> bytes | None:
    """The JSON of `data`; None when the executor must report an error. Raises Refusal when Postgres is unavailable."""
    try:
        data = await run(read_model, query)
    except Unavailable as error:
        raise errors.unavailable(error.detail) from error
    except asyncpg.PostgresError as error:
        log.warning("compiled statement failed", reason=repr(error), sql=query.statements[0].sql)
        return None
    return None if _BROKEN in data else data


async def run(read_model: Database, query: Query) -> bytes:
    """The JSON of `data`, in which a byte may mark a missing value. Raises what Postgres raises, and Unavailable."""
    first = query.statements[0]
    if not query.members:
        return query.data([[await read_model.fetch_together(first.sql, first.runs[0])]])
    return query.data([await read_model.fetch_runs(each.sql, each.runs) for each in query.statements])
