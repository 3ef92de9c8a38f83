"""Orders and their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import Money, amount, column, from_optional_row, from_row, resolved
from gateway.fields.nodes import Node
from gateway.fields.paging import Page
from gateway.fields.relations import Many, One
from gateway.shop import order_lists
from gateway.shop.context import Context
from gateway.shop.customers import Customer
from gateway.shop.order_inputs import OrderFilter, OrderSort, OrderStatus
from gateway.shop.order_lines import OrderLine, as_placed
from gateway.shop.order_lists import ORDERS, OrdersAsked
from gateway.shop.repository import LinesOf

Wanted = Annotated[OrderFilter | None, strawberry.argument(name="filter", description="Only orders that fit it.")]
Sort = Annotated[OrderSort, strawberry.argument(description="In which order.")]


@strawberry.type(description="An order, always whole: with all the lines it has.")
class Order(Node):
    """An order, always whole: with all the lines it has."""

    id: strawberry.ID = column("Identifies the order.", "order_id", read=str, sql="{}")
    external_id: str | None = column("The order's number in the system it was imported from.")
    customer_id: UUID = column("Who ordered.")
    status: OrderStatus = column("Where the order is in its life.", read=OrderStatus)
    total: Money = amount("The sum of the lines' amounts, without freight.")
    freight: Money = amount("What the carrier takes.")
    placed_at: datetime = column("When it was placed.")
    required_at: datetime | None = column("When the customer needs it.")
    confirmed_at: datetime | None = column("When it was confirmed.")
    shipped_at: datetime | None = column("When it was shipped.")
    delivered_at: datetime | None = column("When it was delivered.")
    cancelled_at: datetime | None = column("When it was cancelled.")
    cancellation_reason: str | None = column("Why it was cancelled.")
    rejected_at: datetime | None = column("When it was rejected.")
    rejection_reason: str | None = column("Why it was rejected.")
    updated_at: datetime = column("When it last changed.")
    version: int = column("Counts the order's changes, from 1.")
    currency: strawberry.Private[str]
    lines_version: strawberry.Private[int]
    delivery_addresses: strawberry.Private[str]
    told_lines: strawberry.Private[list[OrderLine] | None] = None
    """Its lines, where the order comes from the stream of changes and not from the read model."""

    @resolved(
        "Who ordered; null when the customer was deleted or is not known here yet.",
        One("customer AS {it}", "{it}.customer_id = {parent}.customer_id AND NOT {it}.deleted"),
    )
    async def customer(self, info: Info[Context, None]) -> Customer | None:
        """The customer."""
        return from_optional_row(Customer, await info.context.loaders.customers.load(self.customer_id))

    @resolved(
        "What was ordered.",
        Many(
            "order_line AS {it}",
            "{it}.order_id = {parent}.order_id AND {it}.lines_version = {parent}.lines_version AND NOT {it}.deleted",
            order_by="{it}.line_number",
            carried={"currency": "{parent}.currency"},
        ),
    )
    async def lines(self, info: Info[Context, None]) -> list[OrderLine]:
        """The lines of the version that is shown, even if the order has changed since it was read."""
        if self.told_lines is not None:
            return self.told_lines
        rows = await info.context.loaders.lines.load(LinesOf(UUID(self.id), self.lines_version))
        addresses = as_placed(self.delivery_addresses)
        of_order = {"currency": self.currency}
        return [
            from_row(OrderLine, {**row, **of_order, "delivery_address": addresses.get(row["delivery_address_id"])})
            for row in rows
        ]


@strawberry.type
class OrderQueries:
    """What a client can ask about orders."""

    @resolved(
        "One order; null when there is none with this id.",
        One("shown_order AS {it}", "{it}.order_id = {id} AND NOT {it}.deleted"),
    )
    async def order(self, info: Info[Context, None], id: UUID) -> Order | None:
        """One order."""
        return from_optional_row(Order, await info.context.loaders.orders.load(id))

    @resolved("Orders that fit, the newest first unless `sort` says otherwise.", ORDERS)
    async def orders(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        wanted: Wanted = None,
        sort: Sort = OrderSort.PLACED_AT_DESC,
    ) -> Connection[Order] | None:
        """A page of the orders that fit."""
        asked = OrdersAsked(wanted or OrderFilter(), sort, Page.asked(first, after, last, before))
        rows = await info.context.read_model.fetch(*order_lists.orders(asked))
        return connection(
            Order,
            rows,
            asked.keyset,
            asked.page,
            lambda: info.context.count(order_lists.count_orders(asked.wanted)),
        )
