"""Telling others: whole orders onto `orders-graph`, keyed by order id."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chassis.sending import Message, Sender
from contracts.orders_graph import OrderGraph
from orders_stream.telling import Publish

_encode = msgspec.json.Encoder(decimal_format="string").encode


def publisher(sender: Sender) -> Publish:
    """A function that returns when the broker has acknowledged all documents given to it."""

    async def publish(orders: Sequence[OrderGraph]) -> None:
        await sender.send([Message(_encode({"id": order.id}), _encode(order)) for order in orders])

    return publish
