"""Lines of a company's files, made from what the services show. Pure; `northwind.py` is the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.company.northwind import Body


def product_line(shown: Mapping[str, Any]) -> Body:
    """A line of products.jsonl."""
    said = {name: value for name, value in shown.items() if name != "active"}
    return _given({**said, "discontinued": not shown["active"]})


def customer_line(shown: Mapping[str, Any]) -> Body:
    """A line of customers.jsonl. Its number is the id that the customer has here."""
    said = {name: value for name, value in shown.items() if name != "addresses"}
    addresses = [_given(each) for each in shown["addresses"]]
    return _given({"externalId": shown["exported"]["id"], **said, "addresses": addresses})


def order_line(shown: Mapping[str, Any]) -> Body:
    """A line of orders.jsonl. What the order can become is not what it is."""
    return _given({name: value for name, value in shown.items() if name != "allowedTransitions"})


def _given(members: Body) -> Body:
    return {name: value for name, value in members.items() if value is not None}
