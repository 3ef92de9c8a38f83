"""Many products over HTTP, as JSON lines: sent, and shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis import exporting
from chassis.bulk import Bulk
from chassis.bulk_openapi import HOW_A_BULK_GOES, HOW_AN_EXPORT_GOES, lines_in, lines_out
from chassis.dependencies import Db
from chassis.openapi import reference
from products import bulk_repository
from products.bulk import write_products
from products.examples import NEW_PRODUCT
from products.models import NewProduct, Product, Sku

router = APIRouter(tags=["bulk"])

LINE = TypeAdapter(NewProduct)

_SERVER_MADE = {"created_at", "updated_at", "version"}

_ANSWERS = (
    {"line": 1, "status": 201, "sku": "NW-0001", "version": 1},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/products/bulk",
    summary="Make many products",
    description="A SKU that is taken is 200 when the product says the same as the line, otherwise 409."
    + HOW_A_BULK_GOES,
    response_class=StreamingResponse,
    responses=lines_out("An answer for each line.", *_ANSWERS),
    openapi_extra=lines_in(reference(NewProduct), NEW_PRODUCT),
)
async def make_products(request: Request, database: Db) -> StreamingResponse:
    """Reads the request as the answer goes out."""
    return Bulk(request, LINE, partial(write_products, database)).answer()


@router.get(
    "/products/bulk",
    summary="Export all products",
    description="By SKU." + HOW_AN_EXPORT_GOES,
    response_class=StreamingResponse,
    responses=lines_out("All products.", NEW_PRODUCT),
)
async def export_products(
    database: Db,
    after: Annotated[Sku | None, Query(description="Only products whose SKU sorts after this one.")] = None,
) -> StreamingResponse:
    """Each page is a read of its own."""
    pages = exporting.each_page(database, bulk_repository.products_after, lambda product: product.sku, after or "")
    return await exporting.exported(_lines(pages))


async def _lines(pages: AsyncIterator[Sequence[Product]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield "".join(f"{each.model_dump_json(by_alias=True, exclude=_SERVER_MADE)}\n" for each in page).encode()
