"""Returns."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import strawberry
from strawberry import Info

from contracts.order_returns import read_return_lines
from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import COLUMN, Column, Money, amount, column, from_row, identifier, resolved
from gateway.fields.nodes import Node, uuid_of
from gateway.fields.paging import Page
from gateway.fields.relations import Many, One
from gateway.shop.context import Context
from gateway.shop.orders.columns import order_columns
from gateway.shop.orders.lines import selects_lines
from gateway.shop.products.product import Product
from gateway.shop.returns import lists
from gateway.shop.returns.inputs import FILTER, SORT, ReturnFilter, ReturnOrigin, ReturnSort, ReturnStatus
from gateway.shop.returns.lists import RETURN_PAGES, ReturnListRequest
from gateway.shop.shipments.shipment import Shipment

if TYPE_CHECKING:
    from gateway.shop.orders.order import Order

ReturnId = Annotated[strawberry.ID, strawberry.argument(description="The return's `id`.")]


@strawberry.type(description="Units of an order line in a return.")
class ReturnLine:
    """Units of an order line in a return."""

    order_line_id: strawberry.ID = column("The id of the order line.", read=str, sql="{}")
    line_number: int = column("The number of the line in its order, from 1.")
    sku: str = column("The product's SKU.")
    quantity: int = column("The units that shall come back.")
    reason: str = column("A code that says why.")
    sellable: int | None = column("The units that came back and can be sold again; null before.")
    damaged: int | None = column("The units that came back and cannot be sold again; null before.")
    refund: Money | None = amount(
        "What is refunded for the units that came back; null before it is approved.", "amount"
    )

    @resolved(
        "The product as it is now; null when it was deleted.",
        One("product AS {it}", "{it}.sku = ({parent}.value->>'sku') AND NOT {it}.deleted"),
    )
    async def product(self, info: Info[Context, None]) -> Product | None:
        """The product."""
        return info.context.object(Product, await info.context.loaders.products.load(self.sku))


@strawberry.type(description="Units of an order that come back, and their refund.")
class Return(Node):
    """Units of an order that come back."""

    id: strawberry.ID = identifier("Identifies the return.", "return_id")
    order_id: strawberry.ID = identifier("The order's id.")
    customer_id: strawberry.ID = identifier("The customer's id.")
    status: ReturnStatus = column("The status of the return.", read=ReturnStatus)
    origin: ReturnOrigin = column("Why the units come back.", read=ReturnOrigin)
    rma_number: str | None = column("The number that the customer writes on the parcel; null before the authorisation.")
    location: str | None = column(
        "Where the units came back: a store's own id, or a location without stock, as `main`."
    )
    reason: str | None = column("A code that says why it was refused or cancelled.")
    refund: Money | None = amount("What is refunded in all; null before it is approved.", "refund_amount")
    refunded_freight: Money | None = amount("What is refunded of the shipping charge, in `refund`.", "refund_freight")
    refund_reference: str | None = column("The refund's id at the payment provider; null before it was paid.")
    requested_at: datetime = column("When it was requested, or its shipment came back.")
    authorised_at: datetime | None = column("When it was authorised.")
    refused_at: datetime | None = column("When it was refused.")
    cancelled_at: datetime | None = column("When it was cancelled.")
    received_at: datetime | None = column("When the units came back.")
    refund_approved_at: datetime | None = column("When the refund was approved.")
    refunded_at: datetime | None = column("When the refund was paid.")
    updated_at: datetime = column("When it last changed.")
    version: int = column("Incremented by each event of the return, from 1.")
    currency: strawberry.Private[str | None]
    shipment_id: strawberry.Private[UUID | None]
    stored_lines: strawberry.Private[str] = field(metadata={COLUMN: Column("lines")})

    @resolved(
        "The units of order lines.",
        Many(
            "jsonb_array_elements({parent}.lines) WITH ORDINALITY AS {it} (value, number)",
            "true",
            order_by="{it}.number",
            is_json=True,
            carried={"currency": "{parent}.currency"},
        ),
    )
    def lines(self) -> list[ReturnLine]:
        """The lines."""
        return [
            from_row(ReturnLine, msgspec.structs.asdict(each) | {"currency": self.currency})
            for each in read_return_lines(self.stored_lines)
        ]

    @resolved(
        "The order; null when deleted, or not in the read model yet.",
        One("sales_order AS {it}", "{it}.order_id = {parent}.order_id AND NOT {it}.deleted"),
    )
    async def order(
        self, info: Info[Context, None]
    ) -> Annotated[Order, strawberry.lazy("gateway.shop.orders.order")] | None:
        """The order."""
        from gateway.shop.orders.order import Order  # the two types name each other

        columns = order_columns(Order, with_lines=selects_lines(info))
        return info.context.object(Order, await info.context.loaders.orders(columns).load(UUID(self.order_id)))

    @resolved(
        "The shipment that came back to its sender; null if the customer sends the units.",
        One("shipment AS {it}", "{it}.shipment_id = {parent}.shipment_id AND NOT {it}.deleted"),
    )
    async def shipment(self, info: Info[Context, None]) -> Shipment | None:
        """The shipment."""
        if self.shipment_id is None:
            return None
        return info.context.object(Shipment, await info.context.loaders.shipments.load(self.shipment_id))


@strawberry.type
class ReturnQueries:
    """Queries about returns."""

    @resolved(
        "The return with this id; null when there is none.",
        One("order_return AS {it}", "{it}.return_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
        name="return",
    )
    async def one_return(self, info: Info[Context, None], id: ReturnId) -> Return | None:
        """One return."""
        key = uuid_of(id)
        return info.context.object(Return, await info.context.loaders.returns.load(key)) if key else None

    @resolved("The returns that match `filter`, newest first by default.", RETURN_PAGES)
    async def returns(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[ReturnFilter | None, FILTER] = None,
        sort: Annotated[ReturnSort | None, SORT] = None,
    ) -> Connection[Return] | None:
        """A page of the returns that match."""
        page = Page.of_arguments(first, after, last, before)
        request = ReturnListRequest.of_arguments(filter, sort, page)
        rows = await info.context.read_model.fetch(*lists.page_of_returns(request))
        count = lists.count_returns(request.filter)
        return connection(Return, rows, request.keyset, page, lambda: info.context.count(count))
