"""Telling others: whole orders onto `orders-graph`, keyed by order id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from faust.types import AppT

from contracts.orders_graph import ORDERS_GRAPH, OrderGraph
from orders_stream.telling import Publish

_encode = msgspec.json.Encoder(decimal_format="string").encode


def publisher(app: AppT) -> Publish:
    """A function that returns when the broker has acknowledged all documents given to it."""
    topic = app.topic(ORDERS_GRAPH.name, key_serializer="raw", value_serializer="raw")

    async def publish(orders: Sequence[OrderGraph]) -> None:
        sent = [await topic.send(key=_encode({"id": order.id}), value=_encode(order)) for order in orders]
        await asyncio.gather(*sent)

    return publish
