"""Load on lists: clients who read pages one after the other, and check each. A separate process.

python -m benchmarks.shipping.pages CLIENTS WARM_UP_S SECONDS, with a `Load` as JSON on its input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.connection import Connection

GRAPHQL = b"/graphql"


class Page(msgspec.Struct, frozen=True):
    """A page: the path of a GET, or the `query` of a POST to GraphQL; and the ids on it."""

    ids: list[str]
    path: str = ""
    query: dict[str, Any] | None = None


class Load(msgspec.Struct, frozen=True):
    """The pages that are read again and again."""

    name: str
    port: int
    pages: list[Page]


class Item(msgspec.Struct):
    """The part of a shipment that is checked."""

    id: str


class Items(msgspec.Struct):
    """A page of REST."""

    items: list[Item]


class Nodes(msgspec.Struct):
    """A connection of GraphQL."""

    nodes: list[Item]


class Data(msgspec.Struct):
    """The only field of the query."""

    shipments: Nodes


class Answer(msgspec.Struct):
    """A response of GraphQL."""

    data: Data


_items, _answer = msgspec.json.Decoder(Items).decode, msgspec.json.Decoder(Answer).decode


async def read(connection: Connection, page: Page) -> Sequence[str]:
    """The ids on a page. Raises RuntimeError for another status than 200."""
    if page.query is not None:
        status, body = await connection.post(GRAPHQL, page.query)
    else:
        status, body = await connection.get(page.path.encode())
    if status != 200:
        raise RuntimeError(f"a page got {status}: {body.decode()}")
    found = _answer(body).data.shipments.nodes if page.query is not None else _items(body).items
    return [each.id for each in found]


async def a_reader(port: int, pages: Iterator[Page]) -> Action:
    """A reader with its own keep-alive connection."""
    connection = await Connection.open(port)

    async def read_next() -> None:
        page = next(pages)
        if await read(connection, page) != page.ids:
            raise RuntimeError(f"{page} has other shipments")

    return read_next


async def main() -> None:
    """Print the measurement as JSON."""
    clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:])
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    # Each reader starts elsewhere in the list.
    starts = (islice(cycle(load.pages), own * len(load.pages) // clients, None) for own in range(clients))
    things = [await a_reader(load.port, pages) for pages in starts]
    print(msgspec.json.encode(await busy(load.name, things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
