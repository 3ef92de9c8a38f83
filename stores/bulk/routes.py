"""Imports movements as JSON lines."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk.bulk import Bulk
from chassis.http.clients import caller
from chassis.openapi.bulk import BULK_DESCRIPTION, inlined_schema, request_lines, response_lines
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from stores.bulk.models import MovementLine
from stores.bulk.writing import write_movements
from stores.dependencies import ThisStore
from stores.examples import NEW_MOVEMENT
from stores.problems import STORE_NOT_FOUND

router = APIRouter(tags=["bulk"])

LINE: TypeAdapter[MovementLine] = TypeAdapter(MovementLine)

_ANSWERS = (
    {"line": 1, "status": 201, "sku": "NW-0001", "reference": "till-3/4711/1", "sequence": 2, "version": 5},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/stores/{store_id}/stock-movements/bulk",
    summary="Import movements",
    description="Each line has a `reference`. If the SKU has a movement with it, the result is 200 if it is identical, "
    "otherwise 409. A line that cannot happen is 409, and the other lines continue." + BULK_DESCRIPTION,
    response_class=StreamingResponse,
    responses={**response_lines("One result per line.", *_ANSWERS), **problems(STORE_NOT_FOUND)},
    openapi_extra=request_lines(inlined_schema(MovementLine), NEW_MOVEMENT),
)
async def import_movements(store_id: ThisStore, request: Request, database: Db) -> StreamingResponse:
    """Reads the request while the response is sent."""
    return Bulk(request, LINE, partial(write_movements, database, store_id, await caller(request))).answer()
