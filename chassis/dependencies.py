"""What routes ask FastAPI for: the service's database, and the preconditions of RFC 9110."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from chassis.mysql import Database


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Db = Annotated[Database, Depends(_database)]
"""The database that `api.py` put on the app."""

IfMatch = Annotated[str | None, Header(description="The ETag of the resource as you read it. Needed.")]

IfNoneMatch = Annotated[str | None, Header(description="The ETag you have: 304 when it is still the newest.")]
"""Needs the default None."""
