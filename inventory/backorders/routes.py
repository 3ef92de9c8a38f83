"""Routes of the orders that wait for units."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.openapi.responses import NOT_MODIFIED
from chassis.rest import pages
from chassis.rest.dependencies import Db
from chassis.types.products import AnySku
from inventory.backorders import repository
from inventory.backorders.models import Backorder

router = APIRouter(tags=["back-orders"])


@router.get(
    "/backorders", response_model=pages.Page[Backorder], summary="List the back-orders of a SKU", responses=NOT_MODIFIED
)
async def list_backorders(
    database: Db,
    wanted: pages.RequestedPage,
    sku: Annotated[AnySku, Query(description="The SKU that orders wait for.")],
) -> Response:
    """In the sequence in which they get units: those that are short first, then by `placedAt` and by the order's id."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await repository.find_page(connection, sku, after, wanted.limit + 1)
    return wanted.answer(found, repository.key_of, repository.shown)
