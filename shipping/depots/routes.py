"""Routes of depots. The writes of a route are in its function `work`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, transact
from chassis.http.errors.problem_types import PRECONDITION_REQUIRED
from chassis.http.routing.paths import url_path
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfMatch, IfMatchWhenSent, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.keysets import Index, Listing
from chassis.rest.responses import WriteResponse, created_response, deleted_response, unless_unchanged, write_response
from shipping.depots import repository
from shipping.depots.models import Depot, DepotId, DepotInput
from shipping.problems import DEPOT_NOT_FOUND, invalid_request, no_such_depot

router = APIRouter(tags=["depots"])

_DEPOTS = Listing(
    table="depot",
    columns=repository.COLUMNS,
    identity="depot",
    identity_as="depot",
    sorts={"id": "depot"},
    indexes=(Index("PRIMARY", (), "depot"),),
)


@router.get("/depots", response_model=pages.Page[Depot], summary="List depots", responses=NOT_MODIFIED)
async def list_depots(database: Db, wanted: pages.RequestedPage) -> Response:
    """Sorted by id."""
    after, plan = wanted.after(), _DEPOTS.plan([], None)
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, repository.depot_of)


@router.get(
    "/depots/{depot}",
    response_model=Depot,
    summary="Get a depot",
    responses={**NOT_MODIFIED, **problems(DEPOT_NOT_FOUND)},
)
async def get_depot(
    depot: DepotId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Depot | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        found = await repository.find(connection, depot)
    if found is None:
        raise no_such_depot(depot)
    return unless_unchanged(response, found, if_none_match)


@router.put(
    "/depots/{depot}",
    response_model=Depot,
    summary="Set a depot",
    responses={201: {"model": Depot, "description": "Created."}, **problems(PRECONDITION_REQUIRED)},
)
async def put_depot(depot: DepotId, new: DepotInput, database: Db, if_match: IfMatchWhenSent = None) -> Response:
    """Creates the depot, or replaces it, which requires `If-Match` unless nothing changes.

    Deliveries that are planned already stay; later ones are planned by the new hours, vans and number.
    """
    if errors := new.faults():
        raise invalid_request(errors)
    async with database.reading() as connection:
        await repository.know(connection, depot)

    async def work(tx: Connection) -> WriteResponse:
        before = await repository.find_locked(tx, depot)
        if before is not None and _is_same(before, new):
            return write_response("depot", depot, before)
        if before is not None or if_match is not None:
            check_if_match(if_match, before.version if before else 0)
        written = await repository.write(tx, depot, new, is_new=before is None)
        if before is not None:
            return write_response("depot", depot, written)
        return created_response("depot", depot, written, url_path("depots", depot))

    return (await transact(database, work)).response()


@router.delete("/depots/{depot}", status_code=204, summary="Delete a depot", responses=problems(DEPOT_NOT_FOUND))
async def delete_depot(depot: DepotId, database: Db, if_match: IfMatch = None) -> Response:
    """No more deliveries can be planned; those that are planned stay. Requires `If-Match`."""

    async def work(tx: Connection) -> Response:
        before = await repository.find_locked(tx, depot)
        if before is None:
            raise no_such_depot(depot)
        check_if_match(if_match, before.version)
        await repository.delete(tx, before)
        return deleted_response("depot", depot, before.version)

    return await transact(database, work)


def _is_same(depot: Depot, new: DepotInput) -> bool:
    return all(getattr(depot, name) == getattr(new, name) for name in DepotInput.model_fields)
