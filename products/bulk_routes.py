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
from products import bulk_repository
from products.bulk import write_products
from products.bulk_models import EitherLine, KeptProduct, ProductLine
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
    + BULK_DESCRIPTION
    + UPDATE_DESCRIPTION
    + EXPORTED_LINES_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("An answer for each line.", *_ANSWERS),
    openapi_extra=request_lines(any_of_schemas(ProductLine, KeptProduct), NEW_PRODUCT, EXPORTED_PRODUCT),
)
async def make_products(request: Request, database: Db, update: Update = False) -> StreamingResponse:
    """Reads the request as the answer goes out."""
    return Bulk(request, LINE, partial(write_products, database, update=update)).answer()


@router.get(
    "/products/bulk",
    summary="Export all products",
    description="By SKU." + EXPORT_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("All products.", EXPORTED_PRODUCT),
)
async def export_products(
    database: Db,
    after: Annotated[StoredSku | None, Query(description="Only products whose SKU sorts after this one.")] = None,
) -> StreamingResponse:
    """Each page is a read of its own."""
    pages = export.each_page(database, bulk_repository.products_after, lambda product: product.sku, after or "")
    return await export.export_response(_lines(pages))


async def _lines(pages: AsyncIterator[Sequence[Product]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(orjson.dumps(_said(each), option=orjson.OPT_APPEND_NEWLINE) for each in page)


def _said(product: Product) -> dict[str, Any]:
    """What a client says of it, and beside that, as `exported`, what the service made."""
    said = product.model_dump(mode="json", by_alias=True)
    return said | {"exported": {name: said.pop(name) for name in _SERVER_MADE}}
