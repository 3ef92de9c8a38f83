"""Sends complete orders to `orders-graph`, keyed by order id."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chassis.chunks.handling import PartialFailure
from chassis.kafka.batch_producer import Message, Sender, TooLarge
from contracts.orders import ORDERS_GRAPH, OrderGraph
from orders_stream.republish import Publish

_encode = msgspec.json.Encoder(decimal_format="string").encode


def publisher(sender: Sender) -> Publish:
    """A function that returns when the broker has acknowledged all documents given to it. Raises PartialFailure."""

    async def publish(orders: Sequence[OrderGraph]) -> None:
        try:
            await sender.send(Message(_key(order), _encode(order)) for order in orders)
        except TooLarge as error:
            ids = [order.id for order in orders if _key(order) in error.keys]
            raise PartialFailure(ids, f"orders that are too large for {ORDERS_GRAPH.name}: {error}") from error

    return publish


def _key(order: OrderGraph) -> bytes:
    return _encode({"id": order.id})
