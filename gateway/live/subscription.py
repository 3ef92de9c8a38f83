"""Fields about changes of orders: subscriptions, whose arguments are stored in the context, and the stream's cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import Info

from gateway.fields.fields import Resolver, resolved
from gateway.fields.parameters import Parameters
from gateway.live.order_event import OrderChange
from gateway.shop.context import Context, SubscriptionArguments
from gateway.shop.order_conditions import order_conditions
from gateway.shop.order_inputs import OrderFilter

After = Annotated[
    str | None,
    strawberry.argument(
        description="A cursor of a change, or what `ordersCursor` said: first come all changes behind it, then what "
        "happens. Without it, what happens from now on."
    ),
]


Which = Annotated[UUID, strawberry.argument(description="Which order.")]


def subscribed(description: str) -> Callable[[Resolver], Resolver]:
    """Decorator: a field of the subscription that this method resolves."""
    return cast(Callable[[Resolver], Resolver], strawberry.subscription(description=description))


def noted(context: Context, arguments: SubscriptionArguments) -> AsyncIterator[OrderChange]:
    """No events: stores the arguments in the context."""
    context.subscription = arguments
    return _nothing()


async def _nothing() -> AsyncIterator[OrderChange]:
    nothing: tuple[OrderChange, ...] = ()
    for change in nothing:
        yield change


@strawberry.type(description="Changes, as they happen, over WebSocket (graphql-transport-ws) or server-sent events.")
class Subscription:
    """What a client can subscribe to."""

    @subscribed("Each new version of one order, which may not exist yet.")
    async def order_changed(
        self, info: Info[Context, None], id: Which, after: After = None
    ) -> AsyncIterator[OrderChange]:
        """Note what is asked."""
        return noted(info.context, SubscriptionArguments(OrderFilter(order_id=id), after))

    @subscribed("Each new version of any order that fits `filter` in it. An order that fits no more is not told.")
    async def orders_changed(
        self,
        info: Info[Context, None],
        wanted: Annotated[OrderFilter | None, strawberry.argument(name="filter", description="Only these.")] = None,
        after: After = None,
    ) -> AsyncIterator[OrderChange]:
        """Note what is asked. Raises BadInput."""
        asked = wanted or OrderFilter()
        order_conditions(asked, Parameters(), "o")  # refuses what no order can fit
        return noted(info.context, SubscriptionArguments(asked, after))


@strawberry.type
class LiveQueries:
    """What a client can ask about changes."""

    @resolved(
        "The place of now in the stream of changes. Ask for it first, then for what you show, then subscribe with it "
        "as `after`: no change is missed."
    )
    async def orders_cursor(self, info: Info[Context, None]) -> str | None:
        """The cursor."""
        return await info.context.now()
