"""Orders."""

from __future__ import annotations

import asyncio
from dataclasses import field
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import COLUMN, Column, Money, amount, column, identifier, resolved
from gateway.fields.nodes import Node, uuid_of
from gateway.fields.paging import Page
from gateway.fields.relations import Many, One
from gateway.shop.context import Context
from gateway.shop.customers import Customer
from gateway.shop.orders import lists as order_lists
from gateway.shop.orders.columns import order_columns
from gateway.shop.orders.history import HISTORY, OrderStatusChange, history_of
from gateway.shop.orders.inputs import FILTER, SORT, OrderFilter, OrderSort, OrderStatus
from gateway.shop.orders.lines import OrderLine, lines_of, selects_lines
from gateway.shop.orders.lists import ORDERS, OrderListRequest
from gateway.shop.orders.transitions import ALLOWED_TRANSITIONS, allowed_transitions
from gateway.shop.returns import lists as return_lists
from gateway.shop.returns.order_return import Return
from gateway.shop.selection import selected_below
from gateway.shop.shipments import lists as shipment_lists
from gateway.shop.shipments.fulfilment import FULFILMENT, Fulfilment, fulfilment_of
from gateway.shop.shipments.shipment import Shipment
from gateway.shop.stock.sourcing import OF_ORDER, Sourcing, sourcing_of

Filter = Annotated[OrderFilter | None, FILTER]
OrderId = Annotated[strawberry.ID, strawberry.argument(description="The order's `id`.")]
Sort = Annotated[OrderSort | None, SORT]


def _name(source: str | None) -> str | None:
    return source or None


def _number(stored: int | None) -> str | None:
    return None if stored is None else str(stored)


@strawberry.type(description="An order, always with all its lines.")
class Order(Node):
    """An order, always with all its lines."""

    id: strawberry.ID = identifier("Identifies the order.", "order_id")
    number: str | None = column(
        "The number by which people name the order, such as 1042; null while the read model does not know it yet.",
        read=_number,
        sql="{}",
    )
    external_id: str | None = column("The order's number in the system that it was imported from.")
    source: str | None = column(
        "The name of the system that the order was imported from; null without a name.",
        read=_name,
        sql="nullif({}, '')",
    )
    customer_id: strawberry.ID = identifier("The customer's id.")
    status: OrderStatus = column("The status of the order.", read=OrderStatus)
    subtotal: Money = amount("The sum of the lines' amounts.")
    freight: Money = amount("Shipping charge.")
    total: Money = amount("What is to be paid: `subtotal` and `freight`.")
    placed_at: datetime = column("When the order was placed.")
    required_at: datetime | None = column("When the customer needs the order.")
    confirmed_at: datetime | None = column("When the order was confirmed.")
    shipped_at: datetime | None = column("When the order was shipped.")
    delivered_at: datetime | None = column("When the order was delivered.")
    cancelled_at: datetime | None = column("When the order was cancelled.")
    cancellation_reason: str | None = column("Why the order was cancelled.")
    rejected_at: datetime | None = column("When the order was rejected.")
    rejection_reason: str | None = column("Why the order was rejected.")
    created_at: datetime = column("When the order was stored here; for an imported one, when it was imported.")
    updated_at: datetime = column("When the order last changed.")
    version: int = column("Incremented by each change of the order, from 1.")
    currency: strawberry.Private[str]
    delivery_addresses: strawberry.Private[str | None]
    stored_lines: strawberry.Private[str | None] = field(metadata={COLUMN: Column("lines")})
    """The JSON of the lines, if the order comes from the read model and the query selects them."""
    event_lines: strawberry.Private[list[OrderLine] | None] = None
    """The lines, if the order comes from the stream of changes and not from the read model."""

    @resolved("The statuses that the order has had, in the order of time, with its current one.", HISTORY)
    def history(self) -> list[OrderStatusChange]:
        """The statuses, by the times of this order."""
        return history_of(self)

    @resolved(
        "The customer; null when deleted, or not in the read model yet.",
        One("customer AS {it}", "{it}.customer_id = {parent}.customer_id AND NOT {it}.deleted"),
    )
    async def customer(self, info: Info[Context, None]) -> Customer | None:
        """The customer."""
        return info.context.object(Customer, await info.context.loaders.customers.load(UUID(self.customer_id)))

    @resolved(
        "The order's lines.",
        Many(
            "unnest({parent}.lines) AS {it}",
            "NOT {it}.deleted",
            is_array=True,
            carried={"currency": "{parent}.currency"},
        ),
    )
    def lines(self) -> list[OrderLine]:
        """The lines of this version."""
        if self.event_lines is not None:
            return self.event_lines
        assert self.stored_lines is not None
        assert self.delivery_addresses is not None
        return lines_of(self.stored_lines, self.currency, self.delivery_addresses)

    @resolved(
        "The statuses that a command, which is sent by REST, can lead to now; none when the status is final, or the "
        "next one follows from shipments under way.",
        ALLOWED_TRANSITIONS,
    )
    async def allowed_transitions(self, info: Info[Context, None]) -> list[OrderStatus]:
        """The transitions, in two statements for all orders of the answer."""
        order_id, loaders = UUID(self.id), info.context.loaders
        shipments = await loaders.shipments_of_order.load(order_id)
        sourcing = await loaders.sourcings.load(order_id)
        return allowed_transitions(
            self.status.value, [each["status"] for each in shipments], sourcing["status"] if sourcing else None
        )

    @resolved(
        "Where the order's units come from; null for orders that need no stock, or while it is undecided.", OF_ORDER
    )
    async def sourcing(self, info: Info[Context, None]) -> Sourcing | None:
        """The sourcing, in one statement for all orders of the answer."""
        row = await info.context.loaders.sourcings.load(UUID(self.id))
        return None if row is None else sourcing_of(row, self.lines() if "lines.line" in selected_below(info) else ())

    @resolved("The order's shipments, oldest first.", shipment_lists.OF_ORDER)
    async def shipments(self, info: Info[Context, None]) -> list[Shipment]:
        """The shipments, in one statement for all orders of the answer."""
        rows = await info.context.loaders.shipments_of_order.load(UUID(self.id))
        return [shipment for row in rows if (shipment := info.context.object(Shipment, row))]

    @resolved("The order's returns, oldest first.", return_lists.OF_ORDER)
    async def returns(self, info: Info[Context, None]) -> list[Return]:
        """The returns, in one statement for all orders of the answer."""
        rows = await info.context.loaders.returns_of_order.load(UUID(self.id))
        return [found for row in rows if (found := info.context.object(Return, row))]

    @resolved(
        "How far the order's units are, by its shipments without the cancelled ones, and by the units that came back; "
        "by its status if it has no shipments.",
        FULFILMENT,
    )
    async def fulfilment(self, info: Info[Context, None]) -> Fulfilment:
        """The fulfilment, in two statements for all orders of the answer."""
        loaders, order_id = info.context.loaders, UUID(self.id)
        shipments, returns = await asyncio.gather(
            loaders.shipments_of_order.load(order_id), loaders.returns_of_order.load(order_id)
        )
        return fulfilment_of(self.status.value, shipments, returns)


@strawberry.type
class OrderQueries:
    """Queries about orders."""

    @resolved(
        "The order with this id; null when there is none.",
        One("sales_order AS {it}", "{it}.order_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
    )
    async def order(self, info: Info[Context, None], id: OrderId) -> Order | None:
        """One order."""
        columns = order_columns(Order, with_lines=selects_lines(info))
        key, loader = uuid_of(id), info.context.loaders.orders(columns)
        return info.context.object(Order, await loader.load(key)) if key else None

    @resolved("The orders, newest first by default.", ORDERS)
    async def orders(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
        sort: Sort = None,
    ) -> Connection[Order] | None:
        """A page of the orders that match."""
        page = Page.of_arguments(first, after, last, before)
        columns = order_columns(Order, with_lines=selects_lines(info))
        request = OrderListRequest.of_arguments(filter, sort, page, columns)
        rows = await info.context.read_model.fetch(*order_lists.orders(request))
        return connection(
            Order,
            rows,
            request.keyset,
            request.page,
            lambda: info.context.count(order_lists.count_orders(request.filter)),
        )
