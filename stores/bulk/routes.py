"""Imports movements as JSON lines, and exports the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk
from chassis.databases.mysql import Row
from chassis.http.clients import caller
from chassis.openapi.bulk import BULK_DESCRIPTION, inlined_schema, request_lines, response_lines
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from stores import repository
from stores.bulk.models import MovementLine
from stores.bulk.writing import write_movements
from stores.dependencies import ThisStore
from stores.examples import MOVEMENT, NEW_MOVEMENT
from stores.problems import STORE_NOT_FOUND
from stores.representation import shown_movement

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


@router.get(
    "/stores/{store_id}/stock-movements/bulk",
    summary="Export all movements",
    description="The ledger, one JSON object per line, sorted by id. Resume an interrupted export with `after`.",
    response_class=StreamingResponse,
    responses={**response_lines("All movements.", MOVEMENT), **problems(STORE_NOT_FOUND)},
)
async def export_movements(
    store_id: ThisStore,  # noqa: ARG001
    database: Db,
    after: Annotated[UUID | None, Query(description="Only movements after this id.")] = None,
) -> StreamingResponse:
    """Each page is read in its own transaction."""
    first = str(after) if after else ""
    pages = export.each_page(database, repository.movements_after, lambda row: str(row["id"]), first)
    return await export.export_response(_lines(pages))


async def _lines(pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(shown_movement(row).model_dump_json(by_alias=True).encode() + b"\n" for row in page)
