"""Fields about changes of orders, shipments and availability: the subscriptions, and the cursors of their streams.

The resolvers of subscriptions only store their arguments in the context; the hub makes the events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any, cast

import strawberry
from strawberry import Info

from gateway.errors import BadInput
from gateway.fields.fields import Resolver, resolved
from gateway.fields.nodes import key_of
from gateway.fields.paging import MAX_SIZE
from gateway.fields.parameters import Parameters
from gateway.live.availability_event import AVAILABILITY_LOG, AvailabilityChange
from gateway.live.order_event import ORDERS, OrderChange
from gateway.live.shipment_event import SHIPMENTS, ShipmentChange
from gateway.shop.context import Context, SubscriptionArguments
from gateway.shop.orders.conditions import order_conditions
from gateway.shop.orders.inputs import FILTER, OrderFilter
from gateway.shop.orders.order import OrderId
from gateway.shop.shipments.inputs import FILTER as SHIPMENT_FILTER
from gateway.shop.shipments.inputs import ShipmentFilter
from gateway.shop.shipments.lists import check
from gateway.shop.shipments.shipment import ShipmentId

After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor from a change or from `ordersCursor`: all changes after it come first, then new ones. "
        "Without it, only new changes."
    ),
]

AfterShipments = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor from a change or from `shipmentsCursor`: all changes after it come first, then new ones. "
        "Without it, only new changes."
    ),
]

AfterStock = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor from a change or from `availabilityCursor`: all changes after it come first, then new "
        "ones. Without it, only new changes."
    ),
]
Skus = Annotated[list[str], strawberry.argument(description=f"The SKUs: 1 to {MAX_SIZE}.")]


def subscription_field(description: str) -> Callable[[Resolver], Resolver]:
    """Decorator: a subscription field that this method resolves."""
    return cast(Callable[[Resolver], Resolver], strawberry.subscription(description=description))


def store_arguments(context: Context, arguments: SubscriptionArguments) -> AsyncIterator[Any]:
    """No events: stores the arguments in the context."""
    context.subscription = arguments
    return _no_events()


async def _no_events() -> AsyncIterator[Any]:
    nothing: tuple[Any, ...] = ()
    for change in nothing:
        yield change


def _keys(skus: Sequence[str]) -> frozenset[str]:
    """The SKUs, without malformed ones, which no product has. Raises BadInput."""
    if not 1 <= len(skus) <= MAX_SIZE:
        raise BadInput(f"`sku` must have 1 to {MAX_SIZE} SKUs, not {len(skus)}")
    return frozenset(key for key in map(key_of, skus) if key is not None)


@strawberry.type(description="Changes, as they happen, over WebSocket (graphql-transport-ws) or server-sent events.")
class Subscription:
    """The subscriptions."""

    @subscription_field("Each new version of one order, which may not exist yet.")
    async def order_changed(
        self, info: Info[Context, None], id: OrderId, after: After = None
    ) -> AsyncIterator[OrderChange]:
        """Store the arguments."""
        return store_arguments(info.context, SubscriptionArguments(OrderFilter(ids=[id]), after))

    @subscription_field("Each new version of an order that matches `filter`. Other versions send no event.")
    async def orders_changed(
        self,
        info: Info[Context, None],
        filter: Annotated[OrderFilter | None, FILTER] = None,
        after: After = None,
    ) -> AsyncIterator[OrderChange]:
        """Store the arguments. Raises BadInput."""
        requested = filter or OrderFilter()
        order_conditions(requested, Parameters(), "o")  # raises BadInput for an invalid filter
        return store_arguments(info.context, SubscriptionArguments(requested, after))

    @subscription_field(
        "Each new version of one shipment, which may not exist yet. A version that you have may come again."
    )
    async def shipment_changed(
        self, info: Info[Context, None], id: ShipmentId, after: AfterShipments = None
    ) -> AsyncIterator[ShipmentChange]:
        """Store the arguments."""
        return store_arguments(info.context, SubscriptionArguments(ShipmentFilter(ids=[id]), after))

    @subscription_field(
        "Each new version of a shipment that matches `filter`. Other versions send no event. A version that you have "
        "may come again."
    )
    async def shipments_changed(
        self,
        info: Info[Context, None],
        filter: Annotated[ShipmentFilter | None, SHIPMENT_FILTER] = None,
        after: AfterShipments = None,
    ) -> AsyncIterator[ShipmentChange]:
        """Store the arguments. Raises BadInput."""
        requested = filter or ShipmentFilter()
        check(requested)
        return store_arguments(info.context, SubscriptionArguments(requested, after))

    @subscription_field("Each change of the units of some SKUs in a store. A version that you have may come again.")
    async def availability_changed(
        self, info: Info[Context, None], sku: Skus, after: AfterStock = None
    ) -> AsyncIterator[AvailabilityChange]:
        """Store the arguments. Raises BadInput."""
        return store_arguments(info.context, SubscriptionArguments(_keys(sku), after))


@strawberry.type
class LiveQueries:
    """Queries about changes."""

    @resolved(
        "The current position in the stream of changes. Request it before the data you show, then subscribe "
        "with it as `after`: no change is missed."
    )
    async def orders_cursor(self, info: Info[Context, None]) -> str | None:
        """The cursor."""
        return await info.context.now(ORDERS.tag)

    @resolved("The current position in the stream of changes of shipments, as `ordersCursor` for those of orders.")
    async def shipments_cursor(self, info: Info[Context, None]) -> str | None:
        """The cursor."""
        return await info.context.now(SHIPMENTS.tag)

    @resolved("The current position in the stream of changes of availability, as `ordersCursor` for those of orders.")
    async def availability_cursor(self, info: Info[Context, None]) -> str | None:
        """The cursor."""
        return await info.context.now(AVAILABILITY_LOG.tag)
