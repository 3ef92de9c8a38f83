"""An order as its client sees it, from its rows."""

from __future__ import annotations

from uuid import UUID

from chassis.mysql import Connection, Row
from contracts.money import plain, shown
from contracts.orders import OrderStatus
from orders import repository
from orders.models import Order, OrderLine
from orders.refusals import no_such_order


async def answered(connection: Connection, order_id: UUID) -> Order:
    """The whole order. Raises the 404 problem."""
    row = await repository.find_order(connection, order_id)
    if row is None:
        raise no_such_order(order_id)
    return _order(row, await repository.find_lines(connection, row))


def _order(row: Row, lines: list[Row]) -> Order:
    currency = row["currency"]
    return Order(
        id=row["order_id"],
        external_id=row["external_id"],
        customer_id=row["customer_id"],
        status=OrderStatus(row["status"]),
        currency=currency,
        total=shown(row["total"], currency),
        freight=shown(row["freight"], currency),
        placed_at=row["placed_at"],
        required_at=row["required_at"],
        shipped_at=row["shipped_at"],
        cancelled_at=row["cancelled_at"],
        cancellation_reason=row["cancellation_reason"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
        lines=[_line(line, currency) for line in lines],
    )


def _line(row: Row, currency: str) -> OrderLine:
    return OrderLine(
        id=row["order_detail_id"],
        line_number=row["line_number"],
        sku=row["sku"],
        product_name=row["product_name"],
        quantity=row["quantity"],
        unit_price=shown(row["unit_price"], currency),
        discount=f"{plain(row['discount']):f}",
        amount=shown(row["amount"], currency),
        delivery_address_id=row["delivery_address_id"],
    )
