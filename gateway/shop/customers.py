"""Customers and their addresses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import column, from_row, identifier, resolved
from gateway.fields.nodes import Node, uuid_of
from gateway.fields.paging import Page
from gateway.fields.relations import Many, One
from gateway.shop.context import Context
from gateway.shop.loaders import CustomerOrdersKey, OrderCountKey
from gateway.shop.orders import lists as order_lists
from gateway.shop.orders.columns import order_columns
from gateway.shop.orders.inputs import FILTER, SORT, CustomerFilter, CustomerSort, OrderFilter, OrderSort
from gateway.shop.orders.lines import selects_lines
from gateway.shop.orders.lists import CUSTOMERS, ORDERS_OF_CUSTOMER, CustomerListRequest, OrderListRequest

if TYPE_CHECKING:
    from gateway.shop.orders.order import Order

CustomerId = Annotated[strawberry.ID, strawberry.argument(description="The customer's `id`.")]


@strawberry.type(description="An address of a customer.")
class Address(Node):
    """An address of a customer."""

    id: strawberry.ID = identifier("Identifies the address.", "address_id")
    customer_id: strawberry.ID = identifier("The customer's id.")
    recipient: str | None = column("The name of the person who receives deliveries.")
    company: str | None = column("The company at the address.")
    phone: str | None = column("The phone number for deliveries.")
    street_type: str | None = column("The type of street, such as avenue or square.")
    street: str = column("The street, or the first line of the address.")
    number: str | None = column("The house number.")
    building: str | None = column("The building.")
    department: str | None = column("The flat or office.")
    reference: str | None = column("Delivery directions.")
    city: str = column("The city.")
    region: str | None = column("The state, province or department of the country.")
    postal_code: str | None = column("The postal code.")
    country: str = column("ISO 3166-1 alpha-2, such as PE.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")
    created_at: datetime = column("When the address was created.")
    updated_at: datetime = column("When the address last changed.")
    version: int = column("Incremented by each change of the address, from 1.")


@strawberry.type(description="A person who places orders, alone or for a company, or a company.")
class Customer(Node):
    """A person who places orders, alone or for a company, or a company."""

    id: strawberry.ID = identifier("Identifies the customer.", "customer_id")
    name: str | None = column("The first name.")
    last_name: str | None = column("The last name.")
    email: str | None = column("The email address.")
    identity_document: str | None = column("The number of an identity document.")
    phone: str | None = column("The phone number.")
    company: str | None = column("The company that the customer is or orders for.")
    active: bool = column("Whether the customer may place orders.")
    created_at: datetime = column("When the customer was created.")
    updated_at: datetime = column("When the customer last changed; addresses have their own time.")
    version: int = column("Incremented by each change of the customer, from 1.")

    @resolved(
        "The customer's addresses, oldest first.",
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

    @resolved("The customer's orders, newest first by default.", ORDERS_OF_CUSTOMER)
    async def orders(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[OrderFilter | None, FILTER] = None,
        sort: Annotated[OrderSort | None, SORT] = None,
    ) -> Connection[Annotated[Order, strawberry.lazy("gateway.shop.orders.order")]] | None:
        """A page of the orders, in one statement for all customers of the answer."""
        from gateway.shop.orders.order import Order  # the two types name each other

        page = Page.of_arguments(first, after, last, before)
        request = OrderListRequest.of_arguments(
            filter, sort, page, order_columns(Order, with_lines=selects_lines(info))
        )
        loaders, customer_id = info.context.loaders, UUID(self.id)
        return connection(
            Order,
            await loaders.orders_of_customer.load(CustomerOrdersKey(customer_id, request)),
            request.keyset,
            request.page,
            lambda: loaders.order_counts.load(OrderCountKey(customer_id, request.filter)),
        )


@strawberry.type
class CustomerQueries:
    """Queries about customers."""

    @resolved(
        "The customer with this id; null when there is none.",
        One("customer AS {it}", "{it}.customer_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
    )
    async def customer(self, info: Info[Context, None], id: CustomerId) -> Customer | None:
        """One customer."""
        key = uuid_of(id)
        return info.context.object(Customer, await info.context.loaders.customers.load(key)) if key else None

    @resolved("The customers, newest first by default.", CUSTOMERS)
    async def customers(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            CustomerFilter | None, strawberry.argument(description="Only customers that match it.")
        ] = None,
        sort: Annotated[CustomerSort | None, SORT] = None,
    ) -> Connection[Customer] | None:
        """A page of the customers that match."""
        page = Page.of_arguments(first, after, last, before)
        request = CustomerListRequest.of_arguments(filter, sort, page)
        rows = await info.context.read_model.fetch(*order_lists.customers(request))
        return connection(
            Customer,
            rows,
            request.keyset,
            page,
            lambda: info.context.count(order_lists.count_customers(request.filter)),
        )
