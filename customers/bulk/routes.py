"""Imports and exports customers with their addresses as JSON lines."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from chassis.bulk import export
from chassis.bulk.bulk import Bulk
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
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from customers import examples
from customers.bulk.exporting import all_customers
from customers.bulk.models import CustomerLine, EitherLine, ExportedCustomer
from customers.bulk.writing import write_customers
from customers.examples import ADDRESS_ID, CUSTOMER_ID
from customers.problems import ID_TAKEN

router = APIRouter(tags=["bulk"])

LINE: TypeAdapter[CustomerLine] = TypeAdapter(EitherLine)

_ANSWERS = (
    {"line": 1, "status": 201, "id": CUSTOMER_ID, "version": 1, "addresses": [ADDRESS_ID]},
    {"lines": 1, "made": 1, "unchanged": 0, "refused": 0},
)


@router.post(
    "/customers/bulk",
    summary="Import customers with their addresses",
    description="If a customer with the email address exists, the result is 200 if it is identical, otherwise 409. A "
    "line without an email address is the customer that has the same members, or else a new one. An identical customer "
    "gets the addresses that it does not have yet. `addresses` lists the ids of the line's addresses in their order."
    + BULK_DESCRIPTION
    + UPDATE_DESCRIPTION
    + EXPORTED_LINES_DESCRIPTION,
    response_class=StreamingResponse,
    responses={**response_lines("One result per line.", *_ANSWERS), **problems(ID_TAKEN)},
    openapi_extra=request_lines(any_of_schemas(CustomerLine, ExportedCustomer), examples.LINE),
)
async def make_customers(request: Request, database: Db, update: Update = False) -> StreamingResponse:
    """Reads the request while the response is sent."""
    return Bulk(request, LINE, partial(write_customers, database, update=update)).answer()


@router.get(
    "/customers/bulk",
    summary="Export all customers with their addresses",
    description="Oldest first. A customer with very many addresses has several lines." + EXPORT_DESCRIPTION,
    response_class=StreamingResponse,
    responses=response_lines("All customers.", examples.LINE),
)
async def export_customers(
    database: Db, after: Annotated[UUID | None, Query(description="Only customers after this id.")] = None
) -> StreamingResponse:
    """Each page is read in its own transaction."""
    return await export.export_response(all_customers(database, str(after or "")))
