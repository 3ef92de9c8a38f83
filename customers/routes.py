"""Customers over HTTP: one function per route. A transaction is open only where it is in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis import pages
from chassis.dependencies import Db, IfMatch, IfNoneMatch
from chassis.etags import check_if_match, is_unchanged
from chassis.merge_patch import Patch, patched
from chassis.mysql import Connection, Database
from chassis.openapi import NOT_MODIFIED, problems
from chassis.resources import gone, made, shown, unchanged, written
from chassis.text import Query as Searched
from customers import repository
from customers.models import Customer, CustomerInput, as_stored
from customers.refusals import changed_meanwhile, email_taken, no_such_customer

router = APIRouter(tags=["customers"])


@router.post("/customers", status_code=201, summary="Make a customer", responses=problems(409, 422, 503))
async def make_customer(new: CustomerInput, database: Db, response: Response) -> Customer:
    """The email address must not be another customer's. `Location` says where the customer is."""
    try:
        async with database.transaction() as tx:
            customer = await repository.insert_customer(tx, new)
    except repository.EmailTaken as error:
        raise email_taken() from error
    return made(response, "customer", customer.id, customer, f"/customers/{customer.id}")


@router.get("/customers", summary="List or search customers", responses=problems(422, 503))
async def list_customers(
    request: Request,
    response: Response,
    database: Db,
    name: Annotated[Searched | None, Query(description='Anywhere in "name last-name", however written.')] = None,
    email: Annotated[Searched | None, Query(description="The whole address; capitals do not matter.")] = None,
    identity_document: Annotated[
        Searched | None, Query(alias="identityDocument", description="The whole number, exactly.")
    ] = None,
    limit: pages.Limit = 20,
    cursor: pages.Cursor = None,
) -> pages.Page[Customer]:
    """Customers that fit everything asked for, the oldest first."""
    after = pages.uuid_of(cursor)
    async with database.reading() as connection:
        found = await repository.list_customers(
            connection,
            after=after,
            limit=limit + 1,
            name=name,
            email=as_stored(email) if email else None,
            identity_document=identity_document,
        )
    return pages.page(request, response, found, limit, key=lambda customer: [customer.id])


@router.get(
    "/customers/{customer_id}",
    response_model=Customer,
    summary="One customer",
    responses={**NOT_MODIFIED, **problems(404, 422, 503)},
)
async def get_customer(
    customer_id: UUID, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Customer | Response:
    """With `If-None-Match`, 304 when the client has this version already."""
    async with database.reading() as connection:
        customer = await repository.find_customer(connection, customer_id)
    if customer is None:
        raise no_such_customer(customer_id)
    return unchanged(customer) if is_unchanged(if_none_match, customer.version) else shown(response, customer)


@router.put("/customers/{customer_id}", summary="Replace a customer", responses=problems(404, 409, 412, 422, 428, 503))
async def replace_customer(
    customer_id: UUID, new: CustomerInput, database: Db, response: Response, if_match: IfMatch = None
) -> Customer:
    """What is left out is cleared. Needs `If-Match`."""
    customer = await _changed(database, customer_id, if_match, lambda _: new)
    return written(response, "customer", customer_id, customer)


@router.patch(
    "/customers/{customer_id}", summary="Change some of a customer", responses=problems(404, 409, 412, 422, 428, 503)
)
async def patch_customer(
    customer_id: UUID, patch: Patch, database: Db, response: Response, if_match: IfMatch = None
) -> Customer:
    """JSON merge patch (RFC 7396): null clears an optional member. Needs `If-Match`."""
    customer = await _changed(database, customer_id, if_match, lambda now: patched(CustomerInput, now, patch))
    return written(response, "customer", customer_id, customer)


@router.delete(
    "/customers/{customer_id}",
    status_code=204,
    summary="Remove a customer and its addresses",
    responses=problems(404, 412, 422, 428, 503),
)
async def delete_customer(customer_id: UUID, database: Db, if_match: IfMatch = None) -> Response:
    """All in one transaction. Needs `If-Match`."""
    async with database.transaction() as tx:
        customer = await _to_change(tx, customer_id, if_match)
        if not await repository.delete_customer(tx, customer):
            raise changed_meanwhile()
    return gone("customer", customer_id, customer.version)


async def _changed(
    database: Database, customer_id: UUID, if_match: str | None, change: Callable[[Customer], CustomerInput]
) -> Customer:
    try:
        async with database.transaction() as tx:
            customer = await _to_change(tx, customer_id, if_match)
            changed = await repository.update_customer(tx, customer, change(customer))
    except repository.EmailTaken as error:
        raise email_taken() from error
    if changed is None:
        raise changed_meanwhile()
    return changed


async def _to_change(tx: Connection, customer_id: UUID, if_match: str | None) -> Customer:
    customer = await repository.find_customer(tx, customer_id, lock=True)
    if customer is None:
        raise no_such_customer(customer_id)
    check_if_match(if_match, customer.version)
    return customer
