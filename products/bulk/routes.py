"""Many products over HTTP, as JSON lines: sent, and shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk
from chassis.bulk.stored import StoredSku
from chassis.openapi.bulk import (
    HOW_A_BULK_GOES,
    HOW_AN_EXPORT_GOES,
    HOW_AN_UPDATE_GOES,
    HOW_EXPORTED_ROWS_ARE_KEPT,
    Update,
    either_schema,
    lines_in,
    lines_out,
)
from chassis.rest.dependencies import Db
from products.bulk import repository as bulk_repository
from products.bulk.models import EitherLine, ExportedProduct, ProductLine
from products.bulk.writing import write_products
from products.examples import EXPORTED_PRODUCT, NEW_PRODUCT
from products.models import Product

router = APIRouter(tags=["bulk"])

LINE: TypeAdapter[ProductLine] = TypeAdapter(EitherLine)

_SERVER_MADE = ("createdAt", "updatedAt", "version")

_ANSWERS = (
    {"line": 1, "status": 201, "sku": "NW-0001", "version": 1},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/products/bulk",
    summary="Make many products",
    description="A SKU that is taken is 200 when the product says the same as the line, otherwise 409."
    + HOW_A_BULK_GOES
    + HOW_AN_UPDATE_GOES
    + HOW_EXPORTED_ROWS_ARE_KEPT,
    response_class=StreamingResponse,
    responses=lines_out("An answer for each line.", *_ANSWERS),
    openapi_extra=lines_in(either_schema(ProductLine, ExportedProduct), NEW_PRODUCT, EXPORTED_PRODUCT),
)
async def make_products(request: Request, database: Db, update: Update = False) -> StreamingResponse:
    """Reads the request as the answer goes out."""
    return Bulk(request, LINE, partial(write_products, database, update=update)).answer()


@router.get(
    "/products/bulk",
    summary="Export all products",
    description="By SKU." + HOW_AN_EXPORT_GOES,
    response_class=StreamingResponse,
    responses=lines_out("All products.", EXPORTED_PRODUCT),
)
async def export_products(
    database: Db,
    after: Annotated[StoredSku | None, Query(description="Only products whose SKU sorts after this one.")] = None,
) -> StreamingResponse:
    """Each page is a read of its own."""
    pages = export.each_page(database, bulk_repository.products_after, lambda product: product.sku, after or "")
    return await export.exported(_lines(pages))


async def _lines(pages: AsyncIterator[Sequence[Product]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(orjson.dumps(_said(each), option=orjson.OPT_APPEND_NEWLINE) for each in page)


def _said(product: Product) -> dict[str, Any]:
    """What a client says of it, and beside that, as `exported`, what the service made."""
    said = product.model_dump(mode="json", by_alias=True)
    return said | {"exported": {name: said.pop(name) for name in _SERVER_MADE}}
