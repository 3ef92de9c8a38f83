"""The log of orders: each new version of an order, as it is published and as a subscriber receives it."""

from __future__ import annotations

from uuid import UUID

import msgspec
import strawberry

from contracts.orders import ORDERS_GRAPH, GraphLine, OrderGraph
from gateway.fields.fields import Money
from gateway.live.change_log import ChangeLog, Version
from gateway.live.matching import matches
from gateway.shop.orders.inputs import OrderStatus
from gateway.shop.orders.lines import DeliveryAddress, OrderLine
from gateway.shop.orders.order import Order


class _Head(msgspec.Struct, frozen=True):
    id: UUID
    version: int


_head = msgspec.json.Decoder(_Head).decode


@strawberry.type(description="A new version of an order. Changes of one order come in the order of its versions.")
class OrderChange:
    """A new version of an order."""

    cursor: str = strawberry.field(
        description="The position after this change: send it as `after` to resume from here."
    )
    order_id: strawberry.ID = strawberry.field(description="The id of the order.")
    version: int = strawberry.field(description="The new version of the order.")
    deleted: bool = strawberry.field(description="Whether the order was deleted.")
    order: Order | None = strawberry.field(
        description="The order in this version, whole; customer and products are current. Null when it was deleted."
    )


def change(document: OrderGraph, cursor: str) -> OrderChange:
    """The change as a subscriber receives it."""
    return OrderChange(
        cursor=cursor,
        order_id=strawberry.ID(str(document.id)),
        version=document.version,
        deleted=document.deleted,
        order=None if document.deleted else _order(document),
    )


def _order(document: OrderGraph) -> Order:
    currency = document.currency
    return Order(
        id=strawberry.ID(str(document.id)),
        number=document.number,
        external_id=document.external_id,
        source=document.source or None,
        customer_id=strawberry.ID(str(document.customer_id)),
        status=OrderStatus(document.status),
        subtotal=Money.of(document.subtotal, currency),
        freight=Money.of(document.freight, currency),
        total=Money.of(document.total, currency),
        placed_at=document.placed_at,
        required_at=document.required_at,
        confirmed_at=document.confirmed_at,
        shipped_at=document.shipped_at,
        delivered_at=document.delivered_at,
        cancelled_at=document.cancelled_at,
        cancellation_reason=document.cancellation_reason,
        rejected_at=document.rejected_at,
        rejection_reason=document.rejection_reason,
        created_at=document.created_at or document.placed_at,
        updated_at=document.updated_at or document.placed_at,
        version=document.version,
        currency=currency,
        delivery_addresses=None,
        stored_lines=None,
        event_lines=[_line(line, currency) for line in document.lines],
    )


def _line(line: GraphLine, currency: str) -> OrderLine:
    place = line.delivery_address
    return OrderLine(
        id=strawberry.ID(str(line.id)),
        line_number=line.line_number,
        sku=line.sku,
        product_name=line.product_name,
        quantity=line.quantity,
        unit_price=Money.price(line.unit_price, currency),
        discount=line.discount,
        amount=Money.of(line.amount, currency),
        delivery_address_id=strawberry.ID(str(line.delivery_address_id)),
        delivery_address=None
        if place is None
        else DeliveryAddress(**{name: getattr(place, name) for name in place.__struct_fields__}),
    )


def _version(value: bytes) -> Version:
    head = _head(value)
    return Version(head.id.int, head.version)  # the hash of a UUID costs ten times as much


ORDERS = ChangeLog(
    topic=ORDERS_GRAPH.name,
    name="the changes of orders",
    tag="changes",
    version=_version,
    decode=ORDERS_GRAPH.decoder(),
    matches=matches,
    change=change,
)
