"""Where the stream of changes is now: read before what is shown, so that a subscription goes on from there."""

from __future__ import annotations

import strawberry
from strawberry import Info

from gateway.fields.fields import resolved
from gateway.shop.context import Context


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
