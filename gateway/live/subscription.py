"""Fields about changes of orders: the subscriptions, and the stream's cursor.

The resolvers of subscriptions only store their arguments in the context; the hub makes the events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, cast

import strawberry
from strawberry import Info

from gateway.fields.fields import Resolver, resolved
from gateway.fields.parameters import Parameters
from gateway.live.order_event import OrderChange
from gateway.shop.context import Context, SubscriptionArguments
from gateway.shop.order_conditions import order_conditions
from gateway.shop.order_inputs import FILTER, OrderFilter
from gateway.shop.orders import OrderId

After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor from a change or from `ordersCursor`: all changes after it come first, then new ones. "
        "Without it, only new changes."
    ),
]


def subscription_field(description: str) -> Callable[[Resolver], Resolver]:
    """Decorator: a subscription field that this method resolves."""
    return cast(Callable[[Resolver], Resolver], strawberry.subscription(description=description))


def store_arguments(context: Context, arguments: SubscriptionArguments) -> AsyncIterator[OrderChange]:
    """No events: stores the arguments in the context."""
    context.subscription = arguments
    return _no_events()


async def _no_events() -> AsyncIterator[OrderChange]:
    nothing: tuple[OrderChange, ...] = ()
    for change in nothing:
        yield change


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


@strawberry.type
class LiveQueries:
    """Queries about changes."""

    @resolved(
        "The current position in the stream of changes. Request it before the data you show, then subscribe "
        "with it as `after`: no change is missed."
    )
    async def orders_cursor(self, info: Info[Context, None]) -> str | None:
        """The cursor."""
        return await info.context.now()
