"""Routes of customers. The writes of a route are in its function `work`."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, Database, transact
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import NOT_MODIFIED, patch_of, problems
from chassis.rest import idempotency, pages, updates
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import Once
from chassis.rest.merge_patch import Patch, apply_patch
from chassis.rest.responses import (
    WriteResponse,
    created_response,
    deleted_response,
    unless_unchanged,
    write_response,
)
from customers import repository
from customers.listing import ListQuery
from customers.models import Customer, CustomerId, CustomerInput
from customers.problems import CUSTOMER_NOT_FOUND, EMAIL_TAKEN, changed_meanwhile, email_taken, no_such_customer

router = APIRouter(tags=["customers"])


@router.post(
    "/customers",
    status_code=201,
    response_model=Customer,
    summary="Create a customer",
    responses=problems(EMAIL_TAKEN, ERASED),
)
async def make_customer(new: CustomerInput, database: Db, once: Once) -> Response:
    """The email address must not be in use by another customer."""

    async def work(tx: Connection) -> WriteResponse:
        customer = await repository.insert_customer(tx, new)
        return created_response("customer", customer.id, customer, f"/customers/{customer.id}", about=customer.id)

    try:
        return await once.once(database, work)
    except repository.EmailTaken as error:
        raise email_taken() from error


@router.get(
    "/customers",
    response_model=pages.Page[Customer],
    summary="List or search customers",
    description="Customers that match all filters. Combinations of filters that no index serves are refused."
    + updates.DESCRIPTION,
    responses=NOT_MODIFIED,
)
async def list_customers(database: Db, query: ListQuery, wanted: pages.RequestedPage) -> Response:
    """Answers with one page."""
    plan = query.plan_by_name() or query.plan()
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, repository.shown)


@router.get(
    "/customers/{customer_id}",
    response_model=Customer,
    summary="Get a customer",
    responses={**NOT_MODIFIED, **problems(CUSTOMER_NOT_FOUND)},
)
async def get_customer(
    customer_id: CustomerId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Customer | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        customer = await repository.find_customer(connection, customer_id)
    if customer is None:
        raise no_such_customer(customer_id)
    return unless_unchanged(response, customer, if_none_match)


@router.put(
    "/customers/{customer_id}",
    response_model=Customer,
    summary="Replace a customer",
    responses=problems(CUSTOMER_NOT_FOUND, EMAIL_TAKEN),
)
async def replace_customer(
    customer_id: CustomerId, new: CustomerInput, database: Db, if_match: IfMatch = None
) -> Response:
    """Members that are omitted are cleared. Requires `If-Match`."""
    return await _changed(database, customer_id, if_match, lambda _: new)


@router.patch(
    "/customers/{customer_id}",
    response_model=Customer,
    summary="Update a customer",
    responses=problems(CUSTOMER_NOT_FOUND, EMAIL_TAKEN),
    openapi_extra=patch_of(CustomerInput, {"phone": "+52 55 5555 4729", "company": None}),
)
async def patch_customer(customer_id: CustomerId, patch: Patch, database: Db, if_match: IfMatch = None) -> Response:
    """JSON merge patch (RFC 7396): null clears a member that may be null. Requires `If-Match`."""
    return await _changed(database, customer_id, if_match, lambda now: apply_patch(CustomerInput, now, patch))


@router.delete(
    "/customers/{customer_id}",
    status_code=204,
    summary="Delete a customer and erase their personal data",
    responses=problems(CUSTOMER_NOT_FOUND),
)
async def delete_customer(customer_id: CustomerId, database: Db, if_match: IfMatch = None) -> Response:
    """Deletes the customer, all addresses and all stored responses about them in one transaction. Requires `If-Match`.

    Other services erase their copies when they receive the deletion. Orders stay, with their amounts and the
    customer's id.
    """

    async def work(tx: Connection) -> Response:
        customer = await _to_change(tx, customer_id, if_match)
        if not await repository.delete_customer(tx, customer):
            raise changed_meanwhile()
        await idempotency.erase_responses(tx, customer_id)
        return deleted_response("customer", customer_id, customer.version)

    return await transact(database, work)


async def _changed(
    database: Database, customer_id: UUID, if_match: str | None, change: Callable[[Customer], CustomerInput]
) -> Response:
    async def work(tx: Connection) -> WriteResponse:
        customer = await _to_change(tx, customer_id, if_match)
        changed = await repository.update_customer(tx, customer, change(customer))
        if changed is None:
            raise changed_meanwhile()
        return write_response("customer", customer_id, changed)

    try:
        return (await transact(database, work)).response()
    except repository.EmailTaken as error:
        raise email_taken() from error


async def _to_change(tx: Connection, customer_id: UUID, if_match: str | None) -> Customer:
    customer = await repository.find_customer(tx, customer_id, lock=True)
    if customer is None:
        raise no_such_customer(customer_id)
    check_if_match(if_match, customer.version)
    return customer
