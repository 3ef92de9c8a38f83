"""Customers and their addresses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import column, from_optional_row, from_row, resolved
from gateway.fields.nodes import Node
from gateway.fields.paging import Page
from gateway.fields.relations import Many, One
from gateway.shop import order_lists
from gateway.shop.context import Context
from gateway.shop.loaders import CountOf, OrdersOf
from gateway.shop.order_inputs import CustomerFilter, OrderFilter, OrderSort
from gateway.shop.order_lists import CUSTOMERS, ORDERS_OF_CUSTOMER, OrdersAsked

if TYPE_CHECKING:
    from gateway.shop.orders import Order


@strawberry.type(description="One address of one customer.")
class Address(Node):
    """One address of one customer."""

    id: strawberry.ID = column("Identifies the address.", "address_id", read=str, sql="{}")
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
class Customer(Node):
    """A person who orders, alone or for a company."""

    id: strawberry.ID = column("Identifies the customer.", "customer_id", read=str, sql="{}")
    name: str = column("The first name.")
    last_name: str = column("The last name.")
    email: str = column("The e-mail address.")
    identity_document: str | None = column("The number of the identity document.")
    phone: str | None = column("The telephone number.")
    company: str | None = column("The company, if the customer orders for one.")
    active: bool = column("Whether the customer may order.")
    created_at: datetime = column("When the customer was made.")

    @resolved(
        "The customer's addresses, the oldest first.",
        Many(
            "address AS {it}",
            "{it}.customer_id = {parent}.customer_id AND NOT {it}.deleted",
            order_by="{it}.created_at, {it}.address_id",
        ),
    )
    async def addresses(self, info: Info[Context, None]) -> list[Address]:
        """All addresses, in one statement for all customers of the answer."""
        rows = await info.context.loaders.addresses_of_customer.load(UUID(self.id))
        return [from_row(Address, row) for row in rows]

    @resolved("The customer's orders that fit, the newest first unless `sort` says otherwise.", ORDERS_OF_CUSTOMER)
    async def orders(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        wanted: Annotated[OrderFilter | None, strawberry.argument(name="filter", description="Only these.")] = None,
        sort: Annotated[OrderSort, strawberry.argument(description="In which order.")] = OrderSort.PLACED_AT_DESC,
    ) -> Connection[Annotated[Order, strawberry.lazy("gateway.shop.orders")]] | None:
        """A page of the orders, in one statement for all customers of the answer."""
        from gateway.shop.orders import Order  # the two types name each other

        asked = OrdersAsked(wanted or OrderFilter(), sort, Page.asked(first, after, last, before))
        loaders, customer_id = info.context.loaders, UUID(self.id)
        return connection(
            Order,
            await loaders.orders_of_customer.load(OrdersOf(customer_id, asked)),
            asked.keyset,
            asked.page,
            lambda: loaders.order_counts.load(CountOf(customer_id, asked.wanted)),
        )


@strawberry.type
class CustomerQueries:
    """What a client can ask about customers."""

    @resolved(
        "One customer; null when there is none with this id.",
        One("customer AS {it}", "{it}.customer_id = {id} AND NOT {it}.deleted"),
    )
    async def customer(self, info: Info[Context, None], id: UUID) -> Customer | None:
        """One customer."""
        return from_optional_row(Customer, await info.context.loaders.customers.load(id))

    @resolved("Customers who fit, the newest first.", CUSTOMERS)
    async def customers(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        wanted: Annotated[CustomerFilter | None, strawberry.argument(name="filter", description="Only these.")] = None,
    ) -> Connection[Customer] | None:
        """A page of the customers who fit."""
        page, wanted = Page.asked(first, after, last, before), wanted or CustomerFilter()
        rows = await info.context.read_model.fetch(*order_lists.customers(wanted, page))
        return connection(
            Customer,
            rows,
            order_lists.CUSTOMER_KEYSET,
            page,
            lambda: info.context.count(order_lists.count_customers(wanted)),
        )
