"""Many customers with their addresses over HTTP, as JSON lines: sent, and shown."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis import exporting
from chassis.bulk import Bulk
from chassis.bulk_openapi import HOW_A_BULK_GOES, HOW_AN_EXPORT_GOES, lines_in, lines_out
from chassis.dependencies import Db
from chassis.openapi import problems
from customers.bulk import write_customers
from customers.bulk_models import CustomerLine
from customers.exporting import all_customers

router = APIRouter(tags=["bulk"])

LINE = TypeAdapter(CustomerLine)

_ID = "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"
_ADDRESS = {"street": "Avda. de la Constitución 2222", "city": "México D.F.", "country": "MX"}
_ANA = {"name": "Ana", "lastName": "Trujillo", "email": "ana@example.com", "addresses": [_ADDRESS]}
_ANSWERS = (
    {"line": 1, "status": 201, "id": _ID, "version": 1, "addresses": ["01990b3e-6a50-7c3e-9a3f-2b200d1c5e21"]},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/customers/bulk",
    summary="Make many customers with their addresses",
    description="An email address that is taken is 200: that customer stays as it is, and gets those of the addresses "
    "that it does not have yet. `addresses` has the ids of the line's addresses, in their order." + HOW_A_BULK_GOES,
    response_class=StreamingResponse,
    responses={**lines_out("An answer for each line.", *_ANSWERS), **problems(415, 503)},
    openapi_extra=lines_in(CustomerLine, _ANA),
)
async def make_customers(request: Request, database: Db) -> StreamingResponse:
    """Reads the request as the answer goes out."""
    return Bulk(request, LINE, partial(write_customers, database)).answer()


@router.get(
    "/customers/bulk",
    summary="Export all customers with their addresses",
    description="The oldest first. One with very many addresses has several lines." + HOW_AN_EXPORT_GOES,
    response_class=StreamingResponse,
    responses={**lines_out("All customers.", _ANA), **problems(422, 503)},
)
async def export_customers(
    database: Db, after: Annotated[UUID | None, Query(description="Only customers after the one with this id.")] = None
) -> StreamingResponse:
    """Each page is a read of its own."""
    return await exporting.exported(all_customers(database, str(after or "")))
