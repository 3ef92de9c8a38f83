"""Routes of the units that are committed to orders. The writes of a route are in its function `work`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.idempotency import KeyedOnce
from chassis.rest.responses import WriteResponse, unless_unchanged
from stores import ledger
from stores.allocations import repository as allocation_repository
from stores.dependencies import ThisStore
from stores.listing import AllocationQuery
from stores.models import Allocation, AllocationId, NewShortage, StockChange
from stores.problems import ALLOCATION_NOT_FOUND, NOT_COMMITTED, STORE_NOT_FOUND, no_such_allocation
from stores.representation import change_response, shown_allocation, shown_change

router = APIRouter(tags=["allocations"])


@router.get(
    "/stores/{store_id}/allocations",
    response_model=pages.Page[Allocation],
    summary="List allocations",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND)},
)
async def list_allocations(
    store_id: ThisStore,  # noqa: ARG001
    database: Db,
    plan: AllocationQuery,
    wanted: pages.RequestedPage,
) -> Response:
    """Those with the state `committed` are to be picked."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, shown_allocation)


@router.get(
    "/stores/{store_id}/allocations/{allocation_id}",
    response_model=Allocation,
    summary="Get an allocation",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND, ALLOCATION_NOT_FOUND)},
)
async def get_allocation(
    store_id: ThisStore,  # noqa: ARG001
    allocation_id: AllocationId,
    database: Db,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> Allocation | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        row = await allocation_repository.find_allocation(connection, allocation_id)
    if row is None:
        raise no_such_allocation(allocation_id)
    return unless_unchanged(response, shown_allocation(row), if_none_match)


@router.post(
    "/stores/{store_id}/allocations/{allocation_id}/short",
    status_code=201,
    response_model=StockChange,
    summary="Report units that cannot be picked",
    responses=problems(STORE_NOT_FOUND, ALLOCATION_NOT_FOUND, NOT_COMMITTED),
)
async def report_shortage(
    store_id: ThisStore, allocation_id: AllocationId, new: NewShortage, database: Db, once: KeyedOnce
) -> Response:
    """The allocation becomes short as a whole: its other units are free again, and the order needs another source.

    Missing units leave the units on hand, damaged ones stay there and cannot be sold.
    """

    async def work(tx: Connection) -> WriteResponse:
        return change_response(shown_change(await ledger.give_up(tx, store_id, allocation_id, new, once.caller)))

    return await once.once(database, work)
