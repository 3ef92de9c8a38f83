"""Dependencies of routes: the service's database, and the preconditions of RFC 9110."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.openapi.models import Example

from chassis.databases.mysql import Database
from chassis.types.schemas import NEEDED


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Db = Annotated[Database, Depends(_database)]
"""The database in the state of the app."""

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"

_TAGS: dict[str, Example] = {
    "one version": {"value": '"1"', "summary": "The value of the ETag header, with its quotes"},
    "any version": {"value": "*"},
}


async def _if_match(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            alias=IF_MATCH,
            description="The ETag of the resource, or `*` for any version.",
            openapi_examples=_TAGS,
            json_schema_extra=NEEDED,
        ),
    ] = None,
) -> str | None:
    return if_match and _all_lines(request, IF_MATCH)


async def _if_match_when_sent(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            alias=IF_MATCH,
            description="The ETag of the resource: 412 if it is out of date.",
            openapi_examples=_TAGS,
        ),
    ] = None,
) -> str | None:
    return if_match and _all_lines(request, IF_MATCH)


async def _if_none_match(
    request: Request,
    if_none_match: Annotated[
        str | None,
        Header(
            alias=IF_NONE_MATCH,
            description="An ETag from an earlier response: 304 if it is still current.",
            openapi_examples=_TAGS,
        ),
    ] = None,
) -> str | None:
    return if_none_match and _all_lines(request, IF_NONE_MATCH)


def _all_lines(request: Request, header: str) -> str:
    """A list header may be sent on several lines, which are combined in order (RFC 9110, 5.3)."""
    return ", ".join(request.headers.getlist(header))


IfMatch = Annotated[str | None, Depends(_if_match)]

IfMatchWhenSent = Annotated[str | None, Depends(_if_match_when_sent)]

IfNoneMatch = Annotated[str | None, Depends(_if_none_match)]
