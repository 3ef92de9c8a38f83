"""Routes of stores. The writes of a route are in its function `work`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, transact
from chassis.openapi.responses import NOT_MODIFIED, patch_of, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import Once
from chassis.rest.keysets import Index, Listing
from chassis.rest.merge_patch import Patch, apply_patch
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged, write_response
from inventory.problems import STORE_EXISTS, STORE_NOT_FOUND, no_such_store, store_exists
from inventory.sku_availability.refreshing import refresh
from inventory.stores import repository
from inventory.stores.models import NewStore, Store, StoreInput, ThisStore

router = APIRouter(tags=["stores"])

STORES = Listing(
    table="store",
    columns=repository.COLUMNS,
    identity="store_id",
    identity_as="id",
    sorts={"id": "store_id"},
    indexes=(Index("PRIMARY", (), "store_id"),),
)


@router.post(
    "/stores", status_code=201, response_model=Store, summary="Create a store", responses=problems(STORE_EXISTS)
)
async def make_store(new: NewStore, database: Db, once: Once) -> Response:
    """The id must not be in use. A store that runs already was made by its first sign of life: update it."""

    async def work(tx: Connection) -> WriteResponse:
        store = await repository.insert_store(tx, new)
        return created_response("store", store.id, store, f"/stores/{store.id}", tagged=store.details_version)

    try:
        return await once.once(database, work)
    except repository.StoreExists as error:
        raise store_exists(new.id) from error


@router.get("/stores", response_model=pages.Page[Store], summary="List stores", responses=NOT_MODIFIED)
async def list_stores(database: Db, wanted: pages.RequestedPage) -> Response:
    """All stores, by id."""
    plan, after = STORES.plan((), None), wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, repository.shown)


@router.get(
    "/stores/{store_id}",
    response_model=Store,
    summary="Get a store",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND)},
)
async def get_store(
    store_id: ThisStore, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Store | Response:
    """The ETag is that of what clients set; `freshUntil` and `stale` change without it, and `version` with both.

    With `If-None-Match`, 304 if nobody has set anything since.
    """
    async with database.reading() as connection:
        store = await repository.find_store(connection, store_id)
    if store is None:
        raise no_such_store(store_id)
    return unless_unchanged(response, store, if_none_match, tagged=store.details_version)


@router.patch(
    "/stores/{store_id}",
    response_model=Store,
    summary="Update a store",
    responses=problems(STORE_NOT_FOUND),
    openapi_extra=patch_of(StoreInput, {"priority": 10, "city": None}),
)
async def patch_store(store_id: ThisStore, patch: Patch, database: Db, if_match: IfMatch = None) -> Response:
    """JSON merge patch (RFC 7396): null clears a member that may be null. Requires `If-Match`."""

    has_turned = False

    async def work(tx: Connection) -> WriteResponse:
        nonlocal has_turned
        store = await repository.find_store(tx, store_id, lock=True)
        if store is None:
            raise no_such_store(store_id)
        check_if_match(if_match, store.details_version)
        changed = await repository.update_store(tx, store_id, apply_patch(StoreInput, store, patch))
        has_turned = changed.sells_online != store.sells_online
        return write_response("store", store_id, changed, tagged=changed.details_version)

    answer = await transact(database, work)
    if has_turned:  # not in the same transaction: it may concern all SKUs
        await refresh(database, store_id=store_id)
    return answer.response()
