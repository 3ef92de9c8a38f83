"""Lists by pages, forwards and backwards, as Relay has them: edges with cursors, and where the page ends.

Source: https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, TypeVar

import strawberry
from asyncpg import Record

from gateway.fields.fields import from_row, resolved
from gateway.fields.keysets import Keyset
from gateway.fields.paging import DEFAULT, MOST, Page

Entry = TypeVar("Entry")
Count = Callable[[], Awaitable[int]]

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many at most, from the front: 1 to {MOST}; {DEFAULT} if neither `first` nor `last` is given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="A cursor of this list: only what comes behind it.")]
Last = Annotated[int | None, strawberry.argument(description=f"How many at most, from the back: 1 to {MOST}.")]
Before = Annotated[str | None, strawberry.argument(description="A cursor of this list: only what comes before it.")]


@strawberry.type(description="Where a page of a list begins and ends.")
class PageInfo:
    """Where a page of a list begins and ends."""

    has_next_page: bool = strawberry.field(description="Whether anything follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before this page.")
    start_cursor: str | None = strawberry.field(description="Send it as `before` to get the page before this one.")
    end_cursor: str | None = strawberry.field(description="Send it as `after` to get the next page.")


@strawberry.type(description="One entry of a list.")
class Edge(Generic[Entry]):
    """One entry of a list."""

    cursor: str = strawberry.field(description="The entry's place in the list; opaque.")
    node: Entry = strawberry.field(description="The entry itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Entry]):
    """A page of a list. `count` finds how many entries there are in all."""

    edges: list[Edge[Entry]] = strawberry.field(description="The entries with their cursors, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    count: strawberry.Private[Count]

    @resolved("The entries without their cursors, in the list's order.")
    def nodes(self) -> list[Entry]:
        """The entries."""
        return [edge.node for edge in self.edges]

    @resolved("How many entries the list has on all its pages; counted only when this is asked.")
    async def total_count(self) -> int:
        """Count them."""
        return await self.count()


def connection(
    made: type[Entry], rows: Sequence[Record], keyset: Keyset, page: Page, count: Count
) -> Connection[Entry]:
    """The page made from its rows and one more, in the order in which they were looked for: backwards from the back."""
    kept = list(rows[: page.size])
    if page.is_backwards:
        kept.reverse()
    edges = [Edge(cursor=keyset.cursor(row), node=from_row(made, row)) for row in kept]
    info = page_info([edge.cursor for edge in edges], page, has_more=len(rows) > page.size)
    return Connection(edges=edges, page_info=info, count=count)


def page_info(cursors: Sequence[str], page: Page, *, has_more: bool) -> PageInfo:
    """What is known of a page with these cursors; `has_more` is told of the way in which it was looked for."""
    return PageInfo(
        has_next_page=page.before is not None if page.is_backwards else has_more,
        has_previous_page=has_more if page.is_backwards else page.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
