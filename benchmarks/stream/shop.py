"""The orders of this benchmark, with three lines each.

Every row is as Kafka Connect writes it, and the same in every run: ids depend on the number of the order, all else on
which of a thousand patterns it has. So a million orders are made in a minute.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import msgspec

from benchmarks.stream.references import CUSTOMERS, SKUS, START, START_MS, an_id, made, place, price

LINES = 3
PATTERNS = 1000

_compact = msgspec.json.encode


def order(number: int) -> tuple[bytes, bytes, list[bytes]]:
    """The key of an order, the value of its row, and those of its lines."""
    order_id, made_ms = an_id("order", number).encode(), START_MS + number
    row, *lines = _templates(number % PATTERNS)
    first = number * LINES
    return (
        b'{"order_id":"%b"}' % order_id,
        row % {b"order_id": order_id, b"number": number + 1, b"made_ms": made_ms},
        [
            line % {b"order_id": order_id, b"line_id": an_id("line", first + position).encode(), b"made_ms": made_ms}
            for position, line in enumerate(lines, 1)
        ],
    )


@cache
def _templates(pattern: int) -> list[bytes]:
    """The row and the lines of a pattern as JSON, with places for `%` to fill in."""
    row, lines = order_rows(pattern)
    return [_template(row, {"order_id": "%(order_id)b"}), *(_template(line, _LINE_IDS) for line in lines)]


_LINE_IDS = {"order_id": "%(order_id)b", "order_detail_id": "%(line_id)b"}


def _template(row: dict[str, Any], ids: dict[str, str]) -> bytes:
    numbers = {"__source_ts_ms": "%(made_ms)d"} | ({"number": "%(number)d"} if "number" in row else {})
    template = _compact(row | ids | numbers)
    for number in numbers.values():
        template = template.replace(f'"{number}"'.encode(), number.encode())
    return template


def total_of(orders: int) -> Decimal:
    """The sum over the first orders."""
    of_patterns = [Decimal(order_rows(pattern)[0]["subtotal"]) for pattern in range(PATTERNS)]
    times, rest = divmod(orders, PATTERNS)
    return times * sum(of_patterns, Decimal(0)) + sum(of_patterns[:rest], Decimal(0))


def order_rows(number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of the order with this number, and the rows of its lines."""
    chosen = Random(number % PATTERNS)
    customer = chosen.randrange(CUSTOMERS)
    lines = [_line(number, position, customer, chosen) for position in range(1, LINES + 1)]
    said = [{"address_id": an_id("address", customer), **place(customer)}]
    empty = dict.fromkeys(_EMPTY)
    return {
        "order_id": an_id("order", number),
        "number": number + 1,
        "source": "",
        "customer_id": an_id("customer", customer),
        "status": "placed",
        "currency": "USD",
        "subtotal": str(sum(Decimal(line["amount"]) for line in lines)),
        "freight": "0.0000",
        "lines_version": 1,
        "line_count": LINES,
        "placed_at": START,
        **empty,
        "delivery_addresses": _compact(said).decode(),
        "created_at": START,
        "updated_at": START,
        **made(number),
    }, lines


_EMPTY = (
    "external_id",
    "reservation_id",
    "required_at",
    "confirmed_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancellation_reason",
    "rejected_at",
    "rejection_reason",
    "erased_at",
)


def _line(order_number: int, line_number: int, customer: int, chosen: Random) -> dict[str, Any]:
    sku, quantity = chosen.randrange(SKUS), chosen.randint(1, 9)
    unit_price = price(sku)
    return {
        "order_detail_id": an_id("line", order_number * LINES + line_number),
        "order_id": an_id("order", order_number),
        "lines_version": 1,
        "line_number": line_number,
        "sku": f"BENCH-{sku:04}",
        "product_name": f"Thing number {sku}",
        "quantity": quantity,
        "unit_price": f"{unit_price:.4f}",
        "discount": "0.0000",
        "amount": f"{unit_price * quantity:.4f}",
        "delivery_address_id": an_id("address", customer),
        **made(order_number),
    }
