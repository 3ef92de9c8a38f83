"""Shipments."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Info

from contracts.shipping import MOST_TRACKING
from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import COLUMN, Column, column, identifier, resolved
from gateway.fields.nodes import Node, uuid_of
from gateway.fields.paging import Page
from gateway.fields.relations import One
from gateway.shop.context import Context
from gateway.shop.orders.columns import order_columns
from gateway.shop.orders.lines import DeliveryAddress, addresses_as_placed, selects_lines
from gateway.shop.shipments import lists
from gateway.shop.shipments.inputs import FILTER, SORT, ShipmentFilter, ShipmentSort, ShipmentStatus
from gateway.shop.shipments.lists import SHIPMENT_PAGES, ShipmentListRequest
from gateway.shop.shipments.parts import (
    DEFAULT_TRACKING,
    LINES,
    PARCELS,
    TRACKING,
    Parcel,
    ShippedLine,
    TrackingEvent,
    lines_of,
    parcels_of,
    tracking_of,
)
from gateway.shop.shipments.windows import WINDOW, WINDOW_COLUMNS, DeliveryWindow, window_of
from gateway.shop.stock.statements import STORES
from gateway.shop.stock.stores import Store

if TYPE_CHECKING:
    from gateway.shop.orders.order import Order

ShipmentId = Annotated[strawberry.ID, strawberry.argument(description="The shipment's `id`.")]
NewestReports = Annotated[
    int | None, strawberry.argument(description=f"How many of the newest reports: 1 to {MOST_TRACKING}.")
]


@strawberry.type(description="Units of an order that are sent together, from one location to one address.")
class Shipment(Node):
    """Units of an order that are sent together."""

    id: strawberry.ID = identifier("Identifies the shipment.", "shipment_id")
    order_id: strawberry.ID = identifier("The order's id.")
    customer_id: strawberry.ID = identifier("The customer's id.")
    status: ShipmentStatus = column("The status of the shipment.", read=ShipmentStatus)
    location: str = column("Where the units are sent from: a store's own id, or a location without stock, as `main`.")
    delivery_address_id: strawberry.ID = identifier("The id of the customer's address that it is delivered to.")
    carrier: str | None = column("The code of the carrier, such as `dhl`; null before it was dispatched.")
    attempts: int = column("The number of attempts to deliver it.")
    reason: str | None = column("A code that says why it failed, was recalled, came back or was cancelled.")
    received_by: str | None = column("The name of the person who received it; null after the customer was erased.")
    planned_at: datetime = column("When it was planned.")
    packed_at: datetime | None = column("When it was packed.")
    dispatched_at: datetime | None = column("When it was dispatched.")
    delivered_at: datetime | None = column("When it was delivered.")
    cancelled_at: datetime | None = column("When it was cancelled.")
    returned_at: datetime | None = column("When it came back.")
    updated_at: datetime = column("When it last changed.")
    version: int = column("Incremented by each event of the shipment, from 1.")
    lines: list[ShippedLine] = column("The units of order lines.", read=lines_of, relation=LINES)
    parcels: list[Parcel] = column("The parcels; none before it was packed.", read=parcels_of, relation=PARCELS)
    reports: strawberry.Private[str] = field(metadata={COLUMN: Column("tracking")})
    depot: strawberry.Private[str | None]
    delivery_date: strawberry.Private[str | None]
    van: strawberry.Private[str | None]
    window_from: strawberry.Private[datetime | None]
    window_to: strawberry.Private[datetime | None]
    window_zone: strawberry.Private[str | None]

    @resolved("The newest reports of carriers, the oldest of them first.", TRACKING)
    def tracking(self, last: NewestReports = DEFAULT_TRACKING) -> list[TrackingEvent]:
        """The reports. Raises BadInput."""
        return tracking_of(self.reports, DEFAULT_TRACKING if last is None else last)

    @resolved("The window of its delivery by a van of a depot; null without one.", WINDOW)
    def window(self) -> DeliveryWindow | None:
        """The window."""
        return window_of({name: getattr(self, name) for name in WINDOW_COLUMNS})

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
        "The delivery address as it is in the order; null while the read model does not have it.",
        One(
            "sales_order AS o CROSS JOIN LATERAL jsonb_array_elements(o.delivery_addresses) AS {it} (value)",
            "o.order_id = {parent}.order_id AND NOT o.deleted "
            "AND ({it}.value->>'address_id')::uuid = {parent}.delivery_address_id",
            is_json=True,
        ),
    )
    async def delivery_address(self, info: Info[Context, None]) -> DeliveryAddress | None:
        """The address in the order's row."""
        row = await info.context.loaders.delivery_addresses.load(UUID(self.order_id))
        return addresses_as_placed(row["delivery_addresses"]).get(UUID(self.delivery_address_id)) if row else None

    @resolved(
        "The store that it is sent from; null when the location is not a store.",
        One(f"{STORES} AS {{it}}", "{it}.store_id = {parent}.location AND NOT {it}.deleted"),
    )
    async def store(self, info: Info[Context, None]) -> Store | None:
        """The store."""
        return info.context.object(Store, await info.context.loaders.stores.load(self.location))


@strawberry.type
class ShipmentQueries:
    """Queries about shipments."""

    @resolved(
        "The shipment with this id; null when there is none.",
        One("shipment AS {it}", "{it}.shipment_id = {id} AND NOT {it}.deleted", {"id": uuid_of}),
    )
    async def shipment(self, info: Info[Context, None], id: ShipmentId) -> Shipment | None:
        """One shipment."""
        key = uuid_of(id)
        return info.context.object(Shipment, await info.context.loaders.shipments.load(key)) if key else None

    @resolved("The shipments that match `filter`, newest first by default.", SHIPMENT_PAGES)
    async def shipments(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[ShipmentFilter | None, FILTER] = None,
        sort: Annotated[ShipmentSort | None, SORT] = None,
    ) -> Connection[Shipment] | None:
        """A page of the shipments that match."""
        page = Page.of_arguments(first, after, last, before)
        request = ShipmentListRequest.of_arguments(filter, sort, page)
        rows = await info.context.read_model.fetch(*lists.page_of_shipments(request))
        count = lists.count_shipments(request.filter)
        return connection(Shipment, rows, request.keyset, page, lambda: info.context.count(count))
