"""Changes of orders put on the stream, and clients that listen to it as a storefront would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chassis import addresses
from contracts.orders import ORDERS_GRAPH, OrderGraph
from tests.support.shop.builders import graphql
from tests.support.shop.on_topics import put_raw
from tests.support.system.processes import process_of_a_module
from tests.support.views.read_model import empty_read_model

USUAL: dict[str, Any] = {
    "deleted": False,
    "status": "placed",
    "currency": "USD",
    "subtotal": "440.00",
    "freight": "32.38",
    "placedAt": "1996-07-04T12:00:00Z",
    "updatedAt": "1996-07-05T12:00:00Z",
    "cancelledAt": None,
    "customerId": str(UUID(int=1)),
    "customer": {
        "id": str(UUID(int=1)),
        "name": "José",
        "lastName": "Trujillo",
        "email": "jose@example.com",
        "company": None,
    },
    "lines": [],
}

LINE: dict[str, Any] = {
    "id": str(UUID(int=2)),
    "lineNumber": 1,
    "sku": "CHAI",
    "productName": "Chai",
    "quantity": 2,
    "unitPrice": "18.00",
    "discount": "0.15",
    "amount": "30.60",
    "deliveryAddressId": str(UUID(int=3)),
    "deliveryAddress": {
        "street": "Avenida Brasil",
        "number": "442",
        "city": "Lima",
        "region": None,
        "postalCode": None,
        "country": "PE",
    },
}

CHANGES = """subscription ($filter: OrderFilter, $after: String) {
  ordersChanged(filter: $filter, after: $after) { cursor orderId version } }"""


def document(order_id: UUID, version: int, **changes: Any) -> OrderGraph:
    """A version of an order."""
    return msgspec.convert({"id": str(order_id), "version": version, **USUAL, **changes}, OrderGraph, strict=False)


async def tell(*orders: OrderGraph) -> None:
    """Put versions on the stream, in this order."""
    encode = msgspec.json.Encoder(decimal_format="string").encode
    await put_raw((ORDERS_GRAPH, encode({"id": order.id}), encode(order)) for order in orders)


async def versions(orders: Iterable[UUID], *numbers: int) -> None:
    """Put the same versions of several orders on the stream."""
    await tell(*(document(order, number) for number in numbers for order in orders))


@contextmanager
def gateway_of_a_module() -> Iterator[None]:
    """The gateway over an empty read model, for all tests of a module."""
    asyncio.run(_migrate_the_read_model())
    with process_of_a_module("gateway"):
        yield


async def _migrate_the_read_model() -> None:
    async with empty_read_model():
        pass


@asynccontextmanager
async def socket() -> AsyncIterator[ClientConnection]:
    """A connection on which one may subscribe."""
    url = addresses.url("gateway").replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"], ping_interval=None, compression=None) as made:  # type: ignore[list-item]
        await say(made, type="connection_init")
        assert (await hear(made))["type"] == "connection_ack"
        yield made


async def say(to: ClientConnection, **message: Any) -> None:
    await to.send(json.dumps(message))


async def hear(on: ClientConnection, within_s: float = 30) -> dict[str, Any]:
    async with asyncio.timeout(within_s):
        heard: dict[str, Any] = json.loads(await on.recv())
    return heard


async def subscribe(on: ClientConnection, own_id: str = "1", query: str = CHANGES, **variables: Any) -> None:
    """Begin an operation."""
    await say(on, type="subscribe", id=own_id, payload={"query": query, "variables": variables})


async def changes(on: ClientConnection, number: int) -> list[dict[str, Any]]:
    """So many changes, as they come."""
    found: list[dict[str, Any]] = []
    while len(found) < number:
        message = await hear(on)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        found.append(next(iter(message["payload"]["data"].values())))
    return found


def told(found: list[dict[str, Any]]) -> list[tuple[UUID, int]]:
    """Which versions of which orders these changes are."""
    return [(UUID(each["orderId"]), each["version"]) for each in found]


async def until_closed(on: ClientConnection) -> tuple[list[dict[str, Any]], int | None]:
    """All messages until the connection ends, and the code it ends with."""
    found = []
    try:
        while True:
            found.append(await hear(on))
    except ConnectionClosed as closed:
        return found, closed.rcvd.code if closed.rcvd else None


async def now() -> str:
    """The cursor of now."""
    cursor: str = (await graphql("{ ordersCursor }"))["ordersCursor"]
    return cursor
