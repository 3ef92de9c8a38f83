"""Routes that tell what is available, without reserving it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from chassis.databases.mysql import Row
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from chassis.types.products import AnySku
from inventory.availability import repository
from inventory.availability.models import Availability, AvailabilityList, Check, CheckedLine, NewCheck
from inventory.availability.reading import check_names, read_stock
from inventory.availability.repository import free_units
from inventory.decisions.knowledge import is_stale
from inventory.decisions.wishes import Wish
from inventory.dependencies import Known
from inventory.models import StoreId
from inventory.problems import UNKNOWN_SKU, UNKNOWN_STORE
from inventory.times import now

router = APIRouter(tags=["availability"])

MOST_SKUS = 100


@router.get("/availability", summary="List the units of SKUs by store")
async def list_availability(
    database: Db,
    sku: Annotated[
        list[AnySku], Query(min_length=1, max_length=MOST_SKUS, description="One SKU, or several: `?sku=A&sku=B`.")
    ],
    store_id: Annotated[StoreId | None, Query(alias="storeId", description="Only this store.")] = None,
    all_rows: Annotated[bool, Query(alias="all", description="Also stores that have nothing to sell online.")] = False,
) -> AvailabilityList:
    """As of now: what has expired is free, and what was just reserved is not."""
    moment = now()
    async with database.reading() as connection:
        rows = await repository.find_shown(connection, list(dict.fromkeys(sku)), store_id, moment)
    shown = [_shown(row, is_stale(row["fresh_until"], moment)) for row in rows]
    return AvailabilityList(items=[each for each in shown if all_rows or each.available_to_promise])


@router.post(
    "/availability/checks",
    summary="Check whether units could be reserved",
    responses=problems(UNKNOWN_SKU, UNKNOWN_STORE),
)
async def check_availability(check: NewCheck, database: Db, known: Known) -> Check:
    """Reserves nothing. Another buyer may be faster: only a reservation is a promise."""
    wish = Wish(check.lines, check.store_id, check.destination, await known.get())
    await check_names(database, wish)
    stock = await read_stock(database, wish)
    left = wish.units_left(free_units([replace(each, free=each.free + each.expired) for each in stock]))
    lines = [
        CheckedLine(sku=line.sku, wanted=line.quantity, available=units)
        for line, units in zip(check.lines, left, strict=True)
    ]
    return Check(available=all(each.wanted <= each.available for each in lines), lines=lines)


def _shown(row: Row, stale: bool) -> Availability:
    free = 0 if row["has_backorders"] else max(0, row["available"] - row["safety_margin"])
    return Availability.model_validate({**row, "available_to_promise": free, "stale": stale})
