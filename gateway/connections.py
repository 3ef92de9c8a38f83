"""Lists by pages, as Relay has them: edges with cursors, and where the page ends.

Source: https://relay.dev/graphql/connections.htm (forward pagination).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import strawberry

from gateway.errors import BadInput

Node = TypeVar("Node")

MOST = 100
DEFAULT = 20

First = Annotated[int, strawberry.argument(description=f"How many at most: 1 to {MOST}.")]
After = Annotated[str | None, strawberry.argument(description="A cursor of this list: go on behind it.")]


@strawberry.type(description="Where a page of a list begins and ends.")
class PageInfo:
    """Where a page of a list begins and ends."""

    has_next_page: bool = strawberry.field(description="Whether anything follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Send it as `after` to get the next page.")


@strawberry.type(description="One entry of a list.")
class Edge(Generic[Node]):
    """One entry of a list."""

    cursor: str = strawberry.field(description="The entry's place in the list; opaque.")
    node: Node = strawberry.field(description="The entry itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page of a list."""

    edges: list[Edge[Node]] = strawberry.field(description="The entries, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")


def size(first: int) -> int:
    """`first`, when a page may be that big. Raises BadInput."""
    if not 1 <= first <= MOST:
        raise BadInput(f"`first` is from 1 to {MOST}, not {first}")
    return first


def connection(places: Sequence[tuple[str, Node | None]], first: int, *, is_first_page: bool) -> Connection[Node]:
    """The page of at most `first` entries, made from one more than that, each with its cursor.

    An entry that is None has a place in the list and cannot be shown (any more): the list goes on behind it.
    """
    page = places[:first]
    edges = [Edge(cursor=cursor, node=node) for cursor, node in page if node is not None]
    info = PageInfo(
        has_next_page=len(places) > first,
        has_previous_page=not is_first_page,
        start_cursor=page[0][0] if page else None,
        end_cursor=page[-1][0] if page else None,
    )
    return Connection(edges=edges, page_info=info)
