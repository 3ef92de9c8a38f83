"""Routes of a store's stock and movements. The writes of a route are in its function `work`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.databases.mysql import Connection, transact
from chassis.openapi.responses import NOT_MODIFIED, patch_of, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import KeyedOnce, Once
from chassis.rest.merge_patch import Patch, apply_patch
from chassis.rest.responses import WriteResponse, unless_unchanged, write_response
from chassis.types.products import AnySku
from contracts.stores import stock_id
from stores import ledger, listing, repository
from stores.dependencies import ThisStore
from stores.models import Count, Levels, Movement, NewCount, NewMovement, Stock, StockChange, ThisSequence, ThisSku
from stores.problems import (
    COMMITTED_STOCK,
    INSUFFICIENT_STOCK,
    MOVEMENT_NOT_FOUND,
    REFERENCE_TAKEN,
    STOCK_NOT_FOUND,
    STORE_NOT_FOUND,
    no_such_movement,
    no_such_stock,
)
from stores.representation import change_response, shown_change, shown_count, shown_movement, shown_stock

router = APIRouter(tags=["stock"])


@router.post(
    "/stores/{store_id}/stock-movements",
    status_code=201,
    response_model=StockChange,
    summary="Move units",
    responses=problems(STORE_NOT_FOUND, INSUFFICIENT_STOCK, COMMITTED_STOCK, REFERENCE_TAKEN),
)
async def move_units(store_id: ThisStore, new: NewMovement, database: Db, once: KeyedOnce) -> Response:
    """Sales at a till, deliveries, returns and corrections. The first movement of a SKU creates its stock."""

    async def work(tx: Connection) -> WriteResponse:
        return change_response(shown_change(await ledger.move(tx, store_id, new, once.caller)))

    return await once.once(database, work)


@router.post(
    "/stores/{store_id}/stock-counts",
    status_code=201,
    response_model=Count,
    summary="Count a SKU",
    responses=problems(STORE_NOT_FOUND, INSUFFICIENT_STOCK),
)
async def count_units(store_id: ThisStore, new: NewCount, database: Db, once: Once) -> Response:
    """Corrects the units on hand to those counted, plus what has moved since `countedAt`. The first count of a SKU
    creates its stock. If fewer units are there than are committed to orders, the newest allocations become short.
    """

    async def work(tx: Connection) -> WriteResponse:
        return change_response(shown_count(await ledger.count(tx, store_id, new, once.caller)))

    return await once.once(database, work)


@router.get(
    "/stores/{store_id}/stock",
    response_model=pages.Page[Stock],
    summary="List the stock",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND)},
)
async def list_stock(
    store_id: ThisStore,
    database: Db,
    wanted: pages.RequestedPage,
    sku: Annotated[list[AnySku] | None, Query(max_length=100, description="Repeat for each SKU.")] = None,
    below_reorder: Annotated[
        bool, Query(alias="belowReorder", description="Only SKUs with as few units as their `reorderAt`, or fewer.")
    ] = False,
) -> Response:
    """Sorted by SKU. Units that are unsellable or committed do not count for `belowReorder`."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await listing.stock_after(
            connection, store_id, after, wanted.limit + 1, skus=sku or [], below_reorder=below_reorder
        )
    return wanted.answer(found, lambda row: [row["sku"]], shown_stock)


@router.get(
    "/stores/{store_id}/stock/{sku}",
    response_model=Stock,
    summary="Get the stock of a SKU",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND, STOCK_NOT_FOUND)},
)
async def get_stock(
    store_id: ThisStore, sku: ThisSku, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Stock | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        row = await repository.find_stock(connection, store_id, sku)
    if row is None:
        raise no_such_stock(sku)
    return unless_unchanged(response, shown_stock(row), if_none_match)


@router.patch(
    "/stores/{store_id}/stock/{sku}",
    response_model=Stock,
    summary="Update the reorder levels of a SKU",
    responses=problems(STORE_NOT_FOUND, STOCK_NOT_FOUND),
    openapi_extra=patch_of(Levels, {"reorderAt": 12, "reorderTo": 50}),
)
async def patch_stock(
    store_id: ThisStore, sku: ThisSku, patch: Patch, database: Db, if_match: IfMatch = None
) -> Response:
    """JSON merge patch (RFC 7396): null clears a level. Requires `If-Match`."""

    async def work(tx: Connection) -> WriteResponse:
        locked = await repository.lock_stocks(tx, store_id, [sku])
        if locked is None:
            raise no_such_stock(sku)
        stock = locked.stocks[sku]
        check_if_match(if_match, stock.version)
        now = shown_stock({**vars(stock), "updated_at": locked.now})
        levels = apply_patch(Levels, now, patch)
        after = replace(stock, reorder_at=levels.reorder_at, reorder_to=levels.reorder_to, version=stock.version + 1)
        repository.write_stocks(tx, [after], locked.now)
        row = {**vars(after), "updated_at": repository.milliseconds(locked.now)}
        return write_response("stock", after.stock_id, shown_stock(row))

    return (await transact(database, work)).response()


@router.get(
    "/stores/{store_id}/stock/{sku}/movements",
    response_model=pages.Page[Movement],
    summary="List the movements of a SKU",
    responses={**NOT_MODIFIED, **problems(STORE_NOT_FOUND)},
)
async def list_movements(store_id: ThisStore, sku: ThisSku, database: Db, wanted: pages.RequestedPage) -> Response:
    """Newest first."""
    plan = listing.movements_of(stock_id(store_id, sku))
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, shown_movement)


@router.get(
    "/stores/{store_id}/stock/{sku}/movements/{sequence}",
    response_model=Movement,
    summary="Get a movement",
    responses=problems(STORE_NOT_FOUND, MOVEMENT_NOT_FOUND),
)
async def get_movement(store_id: ThisStore, sku: ThisSku, sequence: ThisSequence, database: Db) -> Movement:
    """Movements never change."""
    async with database.reading() as connection:
        row = await repository.find_movement(connection, store_id, sku, sequence)
    if row is None:
        raise no_such_movement(sku, sequence)
    return shown_movement(row)
