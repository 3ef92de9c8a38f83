"""The lists of customers and addresses: their filters, and the index that serves each combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from chassis.rest.keysets import BEFORE, BEGINS, EQUAL, FROM, Filter, Index, Listing, Plan, prefix_pattern
from chassis.rest.updates import UPDATED, UpdatedRange
from chassis.types.emails import SearchedEmail
from chassis.types.text import Query as Searched
from chassis.types.times import Moment
from customers import address_repository, repository
from customers.by_name import NamePlan
from customers.problems import not_with_name

CUSTOMERS = Listing(
    table="customer",
    columns=repository.COLUMNS,
    identity="customer_id",
    identity_as="id",
    sorts={"createdAt": "created_at", "lastName": "last_name", UPDATED: "updated_at"},
    indexes=(
        Index("customer_email", ("email",), "created_at", is_unique=True),
        Index("customer_by_age", (), "created_at"),
        Index("customer_by_update", (), "updated_at"),
        Index("customer_by_last_name", (), "last_name"),
        Index("customer_by_active_and_age", ("active",), "created_at"),
        Index("customer_by_active_and_last_name", ("active",), "last_name"),
        Index("customer_by_document_and_age", ("identity_document",), "created_at"),
        Index("customer_by_phone_and_age", ("phone",), "created_at"),
    ),
)

_ADDRESSES = Listing(
    table="address",
    columns=address_repository.COLUMNS,
    identity="address_id",
    identity_as="id",
    sorts={"id": "address_id", UPDATED: "updated_at"},
    indexes=(
        Index("address_by_customer", ("customer_id",), "address_id"),
        Index("address_by_customer_and_update", ("customer_id",), "updated_at"),
    ),
)

Sort = Literal["createdAt", "-createdAt", "lastName", "-lastName", "updatedAt", "-updatedAt"]


@dataclass(frozen=True)
class ListFilters:
    """The filters and the sort order of a list of customers."""

    filters: Sequence[Filter]
    sort: str | None
    name: str | None = None

    def plan(self) -> Plan:
        """How to read the customers. Raises the 422 problem of filters that no index serves."""
        return CUSTOMERS.plan(self.filters, self.sort)

    def plan_by_name(self) -> NamePlan | None:
        """How to read the customers with `name`; None without. Raises the 422 problem of other filters with it."""
        if self.name is None:
            return None
        if others := [each.parameter for each in self.filters if each.value is not None]:
            raise not_with_name(others)
        if self.sort is not None:
            raise not_with_name(["sort"])
        return NamePlan.of(self.name)


async def list_filters(
    name: Annotated[
        Searched | None,
        Query(
            description="Each word must begin a word of the name, last name or company; case and accents are ignored: "
            "`ana tru` finds Ana Trujillo. Sorted by the words found; without other filters."
        ),
    ] = None,
    email: Annotated[SearchedEmail | None, Query(description="Exact email address; case is ignored.")] = None,
    identity_document: Annotated[
        Searched | None, Query(alias="identityDocument", description="Exact document number.")
    ] = None,
    phone: Annotated[Searched | None, Query(description="Exact phone number, as stored.")] = None,
    last_name: Annotated[
        Searched | None, Query(alias="lastName", description="Prefix of the last name; case and accents are ignored.")
    ] = None,
    active: Annotated[bool | None, Query(description="Only active or only inactive customers.")] = None,
    created_from: Annotated[
        Moment | None, Query(alias="createdFrom", description="Created at this time or later.")
    ] = None,
    created_before: Annotated[
        Moment | None, Query(alias="createdBefore", description="Created before this time.")
    ] = None,
    updated: UpdatedRange = (),
    sort: Annotated[
        Sort | None,
        Query(
            description="`-` means descending. Default: `createdAt`, or `lastName` or `updatedAt` with a filter by it."
        ),
    ] = None,
) -> ListFilters:
    """The query parameters of the list."""
    filters = [
        Filter("email", "email", EQUAL, email),
        Filter("identityDocument", "identity_document", EQUAL, identity_document),
        Filter("phone", "phone", EQUAL, phone),
        Filter("lastName", "last_name", BEGINS, prefix_pattern(last_name) if last_name else None),
        Filter("active", "active", EQUAL, active),
        Filter("createdFrom", "created_at", FROM, created_from),
        Filter("createdBefore", "created_at", BEFORE, created_before),
        *updated,
    ]
    return ListFilters(filters, sort, name)


ListQuery = Annotated[ListFilters, Depends(list_filters)]


def addresses_of(customer_id: UUID, updated: Sequence[Filter] = ()) -> Plan:
    """The list of a customer's addresses, oldest first; with `updated`, in the order of their updates."""
    return _ADDRESSES.plan([Filter("customer_id", "customer_id", EQUAL, str(customer_id)), *updated], None)
