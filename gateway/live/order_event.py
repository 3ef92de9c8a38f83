"""One change of an order, as a subscriber is told of it."""

from __future__ import annotations

from uuid import UUID

import msgspec
import strawberry

from chassis.logs import logger
from contracts.orders_graph import ORDERS_GRAPH, GraphLine, OrderGraph
from gateway.fields.fields import Money
from gateway.shop.order_inputs import OrderStatus
from gateway.shop.order_lines import DeliveryAddress, OrderLine
from gateway.shop.orders import Order

log = logger(__name__)

_decode = ORDERS_GRAPH.decoder()


class Told:
    """A record of the log that tells a new version of an order; `behind` is the place behind it, as it was read."""

    __slots__ = ("_document", "_is_unreadable", "_value", "behind", "offset", "partition")

    def __init__(self, partition: int, offset: int, value: bytes, behind: tuple[int, ...]) -> None:
        self.partition = partition
        self.offset = offset
        self.behind = behind
        self._value = value
        self._document: OrderGraph | None = None
        self._is_unreadable = False

    @property
    def size(self) -> int:
        """Of the record, in bytes."""
        return len(self._value)

    @property
    def document(self) -> OrderGraph | None:
        """The order, read when it is first looked at; None when it cannot be read, which is so for every reader."""
        if self._document is None and not self._is_unreadable:
            try:
                self._document = _decode(self._value)
            except msgspec.MsgspecError as error:
                self._is_unreadable = True
                log.warning(
                    "a change that cannot be read", partition=self.partition, offset=self.offset, reason=str(error)
                )
        return self._document


@strawberry.type(description="A new version of an order. Changes of one order come in the order of its versions.")
class OrderChange:
    """A new version of an order."""

    cursor: str = strawberry.field(description="The place behind this change: send it as `after` to go on from here.")
    order_id: UUID = strawberry.field(description="Which order has changed.")
    version: int = strawberry.field(description="The order's version from now on.")
    deleted: bool = strawberry.field(description="Whether the order is gone.")
    order: Order | None = strawberry.field(
        description="The order in this version, whole; customer and products as they are now. Null when it is gone."
    )


def change(document: OrderGraph, cursor: str) -> OrderChange:
    """What a subscriber is told."""
    return OrderChange(
        cursor=cursor,
        order_id=document.id,
        version=document.version,
        deleted=document.deleted,
        order=None if document.deleted else _order(document),
    )


def _order(document: OrderGraph) -> Order:
    currency = document.currency
    return Order(
        id=strawberry.ID(str(document.id)),
        external_id=document.external_id,
        customer_id=document.customer_id,
        status=OrderStatus(document.status),
        total=Money.of(document.total, currency),
        freight=Money.of(document.freight, currency),
        placed_at=document.placed_at,
        required_at=document.required_at,
        confirmed_at=document.confirmed_at,
        shipped_at=document.shipped_at,
        delivered_at=document.delivered_at,
        cancelled_at=document.cancelled_at,
        cancellation_reason=document.cancellation_reason,
        rejected_at=document.rejected_at,
        rejection_reason=document.rejection_reason,
        updated_at=document.updated_at or document.placed_at,
        version=document.version,
        currency=currency,
        lines_version=0,
        delivery_addresses="[]",
        told_lines=[_line(line, currency) for line in document.lines],
    )


def _line(line: GraphLine, currency: str) -> OrderLine:
    place = line.delivery_address
    return OrderLine(
        id=line.id,
        line_number=line.line_number,
        sku=line.sku,
        product_name=line.product_name,
        quantity=line.quantity,
        unit_price=Money.price(line.unit_price, currency),
        discount=line.discount,
        amount=Money.of(line.amount, currency),
        delivery_address_id=line.delivery_address_id,
        delivery_address=None
        if place is None
        else DeliveryAddress(**{name: getattr(place, name) for name in place.__struct_fields__}),
    )
