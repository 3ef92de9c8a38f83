"""Lists in pages, forwards and backwards, as Relay's connections: edges with cursors, and page information.

Source: https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, TypeVar

import strawberry
from asyncpg import Record

from gateway.fields.fields import from_row, resolved
from gateway.fields.keysets import Keyset
from gateway.fields.paging import DEFAULT_SIZE, MAX_SIZE, Page

Entry = TypeVar("Entry")
Count = Callable[[], Awaitable[int]]

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many entries from the front: 1 to {MAX_SIZE}; {DEFAULT_SIZE} without `first` and `last`."
    ),
]
After = Annotated[str | None, strawberry.argument(description="A cursor of this list: only entries after it.")]
Last = Annotated[int | None, strawberry.argument(description=f"How many entries from the back: 1 to {MAX_SIZE}.")]
Before = Annotated[str | None, strawberry.argument(description="A cursor of this list: only entries before it.")]


@strawberry.type(description="Where a page of a list begins and ends.")
class PageInfo:
    """Where a page of a list begins and ends."""

    has_next_page: bool = strawberry.field(description="Whether there are entries after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there are entries before this page.")
    start_cursor: str | None = strawberry.field(description="Send it as `before` for the page before this one.")
    end_cursor: str | None = strawberry.field(description="Send it as `after` for the next page.")


@strawberry.type(description="One entry of a list.")
class Edge(Generic[Entry]):
    """One entry of a list."""

    cursor: str = strawberry.field(description="The position of the entry in the list; opaque.")
    node: Entry = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Entry]):
    """A page of a list. `count` counts the entries of the whole list."""

    edges: list[Edge[Entry]] = strawberry.field(description="The entries with their cursors, in the order of the list.")
    page_info: PageInfo = strawberry.field(description="The ends of the page.")
    count: strawberry.Private[Count]

    @resolved("The entries without their cursors, in the order of the list.")
    def nodes(self) -> list[Entry]:
        """The entries."""
        return [edge.node for edge in self.edges]

    @resolved("The number of entries in the whole list; counted only when it is requested.")
    async def total_count(self) -> int:
        """Count them."""
        return await self.count()


def connection(
    type_: type[Entry], rows: Sequence[Record], keyset: Keyset, page: Page, count: Count
) -> Connection[Entry]:
    """The page of these rows, which are one more than the page if there are more, and from the back for `last`."""
    entries = list(rows[: page.size])
    if page.is_backwards:
        entries.reverse()
    edges = [Edge(cursor=keyset.cursor(row), node=from_row(type_, row)) for row in entries]
    info = page_info([edge.cursor for edge in edges], page, has_more=len(rows) > page.size)
    return Connection(edges=edges, page_info=info, count=count)


def page_info(cursors: Sequence[str], page: Page, *, has_more: bool) -> PageInfo:
    """The page information for these cursors; `has_more` refers to the direction in which the page was read."""
    return PageInfo(
        has_next_page=page.before is not None if page.is_backwards else has_more,
        has_previous_page=has_more if page.is_backwards else page.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
