"""Imports and exports products as JSON lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk
from chassis.bulk.stored import StoredSku
from chassis.openapi.bulk import (
    BULK_DESCRIPTION,
    EXPORT_DESCRIPTION,
    EXPORTED_LINES_DESCRIPTION,
    UPDATE_DESCRIPTION,
    Update,
    any_of_schemas,
    request_lines,
    response_lines,
)
from chassis.rest.dependencies import Db
from products.bulk import repository as bulk_repository
from products.bulk.models import EitherLine, ExportedProduct, ProductLine
from products.bulk.writing import write_products
from products.examples import EXPORTED_PRODUCT, NEW_PRODUCT
from products.exported import exported_line
from products.models import Product

router = APIRouter(tags=["bulk"])

LINE: TypeAdapter[ProductLine] = TypeAdapter(EitherLine)

_ANSWERS = (
    {"line": 1, "status": 201, "sku": "NW-0001", "version": 1},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/products/bulk",
    summary="Import products",
    description="If a product with the SKU exists, the result is 200 if it is identical, otherwise 409."
    + BULK_DESCRIPTION
    + UPDATE_DESCRIPTION
    + EXPORTED_LINES_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("One result per line.", *_ANSWERS),
    openapi_extra=request_lines(any_of_schemas(ProductLine, ExportedProduct), NEW_PRODUCT, EXPORTED_PRODUCT),
)
async def make_products(request: Request, database: Db, update: Update = False) -> StreamingResponse:
    """Reads the request while the response is sent."""
    return Bulk(request, LINE, partial(write_products, database, update=update)).answer()


@router.get(
    "/products/bulk",
    summary="Export all products",
    description="Sorted by SKU." + EXPORT_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("All products.", EXPORTED_PRODUCT),
)
async def export_products(
    database: Db,
    after: Annotated[StoredSku | None, Query(description="Only products after this SKU.")] = None,
) -> StreamingResponse:
    """Each page is read in its own transaction."""
    pages = export.each_page(database, bulk_repository.products_after, lambda product: product.sku, after or "")
    return await export.export_response(_lines(pages))


async def _lines(pages: AsyncIterator[Sequence[Product]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(exported_line(each) for each in page)
