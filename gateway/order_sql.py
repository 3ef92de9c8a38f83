"""The statement that finds orders: only what a client asks for is in it, so that each question has its own plan."""

from __future__ import annotations

from typing import Any

from gateway.order_filter import CustomerFilter, OrderFilter
from gateway.places import OrderPlace
from gateway.texts import cleaned


class _Conditions:
    """Conditions that all hold, each with its parameters."""

    def __init__(self) -> None:
        self.sql = ["NOT deleted"]
        self.parameters: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """One condition; its `{}` are the places of its values."""
        first = len(self.parameters) + 1
        self.sql.append(condition.format(*(f"${first + index}" for index in range(len(values)))))
        self.parameters += values

    def __str__(self) -> str:
        return " AND ".join(self.sql)


def orders_statement(wanted: OrderFilter, behind: OrderPlace | None, at_most: int) -> tuple[str, list[Any]]:
    """The statement for the newest orders that fit, with its parameters. Raises BadInput."""
    conditions = _Conditions()
    if wanted.order_id is not None:
        conditions.add("order_id = {}", wanted.order_id)
    if wanted.customer_id is not None:
        conditions.add("customer_id = {}", wanted.customer_id)
    if wanted.status is not None:
        conditions.add("status = {}", wanted.status.value)
    if wanted.placed_from is not None:
        conditions.add("placed_at >= {}", wanted.placed_from)
    if wanted.placed_to is not None:
        conditions.add("placed_at < {}", wanted.placed_to)
    if wanted.customer is not None:
        _add_customers(conditions, wanted.customer)
    if behind is not None:
        conditions.add("(placed_at, order_id) < ({}, {})", behind.placed_at, behind.order_id)
    parameters = [*conditions.parameters, at_most]
    newest = f"ORDER BY placed_at DESC, order_id DESC LIMIT ${len(parameters)}"
    return f"SELECT * FROM shown_order WHERE {conditions} {newest}", parameters


def _add_customers(conditions: _Conditions, wanted: CustomerFilter) -> None:
    matching = "customer_id IN (SELECT customer_id FROM customer WHERE NOT deleted AND"
    if wanted.name is not None:
        name = cleaned(wanted.name, "filter.customer.name")
        conditions.add(f"{matching} position(lower({{}}) IN lower(name || ' ' || last_name)) > 0)", name)
    if wanted.email is not None:
        email = cleaned(wanted.email, "filter.customer.email")
        conditions.add(f"{matching} lower(email) = lower({{}}))", email)
