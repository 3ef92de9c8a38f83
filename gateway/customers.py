"""Customers and their addresses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.connections import DEFAULT, After, Connection, First, size
from gateway.context import Context
from gateway.fields import column, resolved
from gateway.places import OrderPlace
from gateway.repository import OrdersOf

if TYPE_CHECKING:
    from gateway.orders import Order


@strawberry.type(description="One address of one customer.")
class Address:
    """One address of one customer."""

    id: UUID = column("Identifies the address.", "address_id")
    customer_id: UUID = column("Whose address it is.")
    street_type: str | None = column("Avenue, street, square.")
    street: str = column("The street, or as much of the address as is on one line.")
    number: str | None = column("The house's number.")
    building: str | None = column("The building.")
    department: str | None = column("The flat or the office.")
    reference: str | None = column("How to find it.")
    city: str = column("The city.")
    region: str | None = column("The state, province or department of the country.")
    postal_code: str | None = column("The postal code.")
    country: str = column("ISO 3166-1 alpha-2, such as PE.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")
    created_at: datetime = column("When it was made.")
    updated_at: datetime = column("When it last changed.")


@strawberry.type(description="A person who orders, alone or for a company.")
class Customer:
    """A person who orders, alone or for a company."""

    id: UUID = column("Identifies the customer.", "customer_id")
    name: str = column("The first name.")
    last_name: str = column("The last name.")
    email: str = column("The e-mail address.")
    identity_document: str | None = column("The number of the identity document.")
    phone: str | None = column("The telephone number.")
    company: str | None = column("The company, if the customer orders for one.")
    active: bool = column("Whether the customer may order.")
    created_at: datetime = column("When the customer was made.")

    @resolved("The customer's addresses, the oldest first.")
    async def addresses(self, info: Info[Context, None]) -> list[Address]:
        """All addresses, in one statement for all customers of the answer."""
        return await info.context.loaders.addresses_of_customer.load(self.id)

    @resolved("The customer's orders, the newest first.")
    async def orders(
        self, info: Info[Context, None], first: First = DEFAULT, after: After = None
    ) -> Connection[Annotated[Order, strawberry.lazy("gateway.orders")]] | None:
        """A page of the orders, in one statement for all customers of the answer."""
        page = OrdersOf(self.id, size(first), None if after is None else OrderPlace.read(after))
        return await info.context.loaders.orders_of_customer.load(page)


@strawberry.type
class CustomerQueries:
    """What a client can ask about customers."""

    @resolved("One customer; null when there is none with this id.")
    async def customer(self, info: Info[Context, None], id: UUID) -> Customer | None:
        """One customer."""
        return await info.context.loaders.customers.load(id)
