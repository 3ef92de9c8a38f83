"""Orders as they arrive on the topics, for a store with 77 SKUs, or of one SKU that everybody wants."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from benchmarks.inventory.shelves import NOW, ORDERED, batch
from chassis.chunks.batch import Batch
from contracts.orders import ORDER, ORDER_DETAIL, OrderDetailRow, OrderRow


@dataclass(frozen=True)
class Shape:
    """The orders of a run: their lines, and the SKUs they are of."""

    name: str
    lines: int
    skus: Sequence[str]


SPREAD, HOT = Shape("spread", 3, ORDERED), Shape("hot", 1, ORDERED[:1])


def chunk(shape: Shape, count: int) -> Batch:
    """New orders with their lines, as one chunk of both topics."""
    orders = [_order(shape.lines) for _ in range(count)]
    lines = [_line(order, number, random.choice(shape.skus)) for order in orders for number in range(shape.lines)]
    of_lines = batch(ORDER_DETAIL, lines)
    of_orders = batch(ORDER, orders)
    return Batch(of_orders.topic, of_orders.entries, of_orders.position, beside=of_lines)


def _order(lines: int) -> OrderRow:
    return OrderRow(
        order_id=uuid4(),
        customer_id=uuid4(),
        status="placed",
        currency="USD",
        subtotal=Decimal(10),
        freight=Decimal(0),
        lines_version=1,
        line_count=lines,
        placed_at=NOW,
        created_at=NOW,
        updated_at=NOW,
        version=1,
    )


def _line(order: OrderRow, number: int, sku: str) -> OrderDetailRow:
    return OrderDetailRow(
        order_detail_id=uuid4(),
        order_id=order.order_id,
        lines_version=1,
        line_number=number + 1,
        sku=sku,
        product_name=sku,
        quantity=1,
        unit_price=Decimal(10),
        discount=Decimal(0),
        amount=Decimal(10),
        delivery_address_id=order.customer_id,
        version=1,
    )
