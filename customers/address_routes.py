"""Routes of addresses: created and listed under their customer, then identified by their own id."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, transact
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages, updates
from chassis.rest.dependencies import Db, IfMatch, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.idempotency import Once
from chassis.rest.responses import (
    WriteResponse,
    created_response,
    deleted_response,
    unless_unchanged,
    write_response,
)
from chassis.rest.updates import UpdatedRange
from customers import address_repository, repository
from customers.listing import addresses_of
from customers.models import Address, AddressId, AddressInput, CustomerId
from customers.problems import (
    ADDRESS_NOT_FOUND,
    CUSTOMER_NOT_FOUND,
    changed_meanwhile,
    no_such_address,
    no_such_customer,
)

router = APIRouter(tags=["addresses"])


@router.post(
    "/customers/{customer_id}/addresses",
    status_code=201,
    response_model=Address,
    summary="Create an address of a customer",
    responses=problems(CUSTOMER_NOT_FOUND, ERASED),
)
async def make_address(customer_id: CustomerId, new: AddressInput, database: Db, once: Once) -> Response:
    """Creates an address of the customer."""

    async def work(tx: Connection) -> WriteResponse:
        # Locked, so that it cannot deadlock with a deletion of the customer and its addresses.
        if await repository.find_customer(tx, customer_id, lock=True) is None:
            raise no_such_customer(customer_id)
        address = await address_repository.insert_address(tx, customer_id, new)
        return created_response("address", address.id, address, f"/addresses/{address.id}", about=customer_id)

    return await once.once(database, work)


@router.get(
    "/customers/{customer_id}/addresses",
    response_model=pages.Page[Address],
    summary="List the addresses of a customer",
    description="Oldest first." + updates.DESCRIPTION,
    responses={**NOT_MODIFIED, **problems(CUSTOMER_NOT_FOUND)},
)
async def list_addresses(
    customer_id: CustomerId, database: Db, wanted: pages.RequestedPage, updated: UpdatedRange = ()
) -> Response:
    """Answers with one page."""
    plan = addresses_of(customer_id, updated)
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
        if not found and await repository.find_customer(connection, customer_id) is None:
            raise no_such_customer(customer_id)
    return wanted.answer(found, plan.key, address_repository.shown)


@router.get(
    "/addresses/{address_id}",
    response_model=Address,
    summary="Get an address",
    responses={**NOT_MODIFIED, **problems(ADDRESS_NOT_FOUND)},
)
async def get_address(
    address_id: AddressId, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> Address | Response:
    """With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        address = await address_repository.find_address(connection, address_id)
    if address is None:
        raise no_such_address(address_id)
    return unless_unchanged(response, address, if_none_match)


@router.put(
    "/addresses/{address_id}",
    response_model=Address,
    summary="Replace an address",
    responses=problems(ADDRESS_NOT_FOUND),
)
async def replace_address(address_id: AddressId, new: AddressInput, database: Db, if_match: IfMatch = None) -> Response:
    """Members that are omitted are cleared. Requires `If-Match`."""

    async def work(tx: Connection) -> WriteResponse:
        address = await _to_change(tx, address_id, if_match)
        changed = await address_repository.update_address(tx, address, new)
        if changed is None:
            raise changed_meanwhile()
        return write_response("address", address_id, changed)

    return (await transact(database, work)).response()


@router.delete(
    "/addresses/{address_id}", status_code=204, summary="Delete an address", responses=problems(ADDRESS_NOT_FOUND)
)
async def delete_address(address_id: AddressId, database: Db, if_match: IfMatch = None) -> Response:
    """Requires `If-Match`."""

    async def work(tx: Connection) -> Response:
        address = await _to_change(tx, address_id, if_match)
        if not await address_repository.delete_address(tx, address):
            raise changed_meanwhile()
        return deleted_response("address", address_id, address.version)

    return await transact(database, work)


async def _to_change(tx: Connection, address_id: UUID, if_match: str | None) -> Address:
    address = await address_repository.find_address(tx, address_id, lock=True)
    if address is None:
        raise no_such_address(address_id)
    check_if_match(if_match, address.version)
    return address
