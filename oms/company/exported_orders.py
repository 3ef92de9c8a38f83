"""Lines of orders.jsonl: orders of other systems, and those of this system as they were exported."""

from __future__ import annotations

import msgspec

from oms.company.northwind import Order


class ExportedOrder(msgspec.Struct, frozen=True):
    """One line of orders.jsonl: an order of this system, as it was exported. Its service reads what it says."""

    id: str
    customer_id: str
    text: bytes


class _Peeked(msgspec.Struct, rename="camel"):
    id: str | None = None
    customer_id: str = ""


_peek, _decode_order = msgspec.json.Decoder(_Peeked).decode, msgspec.json.Decoder(Order).decode


def decode_order(text: bytes) -> Order | ExportedOrder:
    """A line of orders.jsonl; one that has an id was exported here. Raises `msgspec.MsgspecError`."""
    peeked = _peek(text)
    return _decode_order(text) if peeked.id is None else ExportedOrder(peeked.id, peeked.customer_id, text)


def order_key(order: Order | ExportedOrder) -> object:
    """What tells one order of a file from another."""
    if isinstance(order, ExportedOrder):
        return order.id
    return f"{order.source}/{order.external_id}" if order.source else order.external_id
