"""Routes that read returns and their events, also as they were at a version or a time."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.etags import etag
from chassis.rest.responses import unless_unchanged
from shipping.past import At, Version, check_not_both
from shipping.problems import RETURN_NOT_FOUND, VERSION_NOT_FOUND, no_such_return, no_such_version
from shipping.returns import repository
from shipping.returns.listing import ReturnQuery, events_of
from shipping.returns.models import Return, ReturnEvent, ReturnId
from shipping.returns.representation import event_of, return_of, return_of_columns

router = APIRouter(tags=["returns"])


@router.get("/returns", response_model=pages.Page[Return], summary="List returns", responses=NOT_MODIFIED)
async def list_returns(database: Db, plan: ReturnQuery, wanted: pages.RequestedPage) -> Response:
    """By order, customer or status; sorted by id."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, return_of_columns)


@router.get(
    "/returns/{return_id}",
    response_model=Return,
    summary="Get a return",
    responses={**NOT_MODIFIED, **problems(RETURN_NOT_FOUND, VERSION_NOT_FOUND)},
)
async def get_return(
    return_id: ReturnId,
    database: Db,
    response: Response,
    version: Version = None,
    at: At = None,
    if_none_match: IfNoneMatch = None,
) -> Return | Response:
    """With `version` or `at`, as its events led to it then."""
    check_not_both(version, at)
    async with database.reading() as connection:
        row = await repository.find_row(connection, return_id)
        if row is None:
            raise no_such_return(return_id)
        if version is None and at is None:
            return unless_unchanged(response, return_of_columns(row), if_none_match)
        found = await repository.find_past(connection, return_id, version, at)
    if found is None or (version is not None and found.version != version):
        raise no_such_version(return_id, "return")
    return unless_unchanged(response, return_of(found), if_none_match)


@router.get(
    "/returns/{return_id}/events",
    response_model=pages.Page[ReturnEvent],
    summary="Get the events of a return",
    responses={**NOT_MODIFIED, **problems(RETURN_NOT_FOUND)},
)
async def get_return_events(return_id: ReturnId, database: Db, wanted: pages.RequestedPage) -> Response:
    """Oldest first. The ETag is the return's, so `If-None-Match` checks for new events."""
    after, plan = wanted.after(), events_of(return_id)
    async with database.reading() as connection:
        row = await repository.find_row(connection, return_id)
        if row is None:
            raise no_such_return(return_id)
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, event_of, tag=etag(row["version"]))
