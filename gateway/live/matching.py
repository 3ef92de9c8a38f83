"""Whether an order matches the filter of a subscription: the same conditions as `order_conditions` in SQL."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from contracts.orders import GraphCustomer, OrderGraph
from gateway.shop import names
from gateway.shop.order_inputs import CustomerFilter, OrderFilter

Test = Callable[[OrderGraph, Any], bool]


def matches(document: OrderGraph, filter: OrderFilter) -> bool:
    """Whether an order matches the filter. Conditions on values that a deleted order no longer has are ignored."""
    given = ((name, value) for name, value in vars(filter).items() if value is not None)
    return all(TESTS[name](document, value) for name, value in given)


def _customer(document: OrderGraph, filter: CustomerFilter) -> bool:
    if document.deleted:
        return True
    return document.customer is not None and _person(document.customer, filter)


def _person(person: GraphCustomer, filter: CustomerFilter) -> bool:
    if filter.name is not None and not names.matches((person.name, person.last_name, person.company), filter.name):
        return False
    if filter.email is None:
        return True
    return person.email is not None and filter.email.strip().lower() == person.email.lower()


def _as_stored(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _country(document: OrderGraph, country: str) -> bool:
    places = [line.delivery_address for line in document.lines]
    return document.deleted or any(place is not None and place.country == country for place in places)


TESTS: dict[str, Test] = {
    "order_id": lambda document, order_id: document.id == order_id,
    "customer_id": lambda document, customer_id: document.customer_id == customer_id,
    "customer": _customer,
    "status": lambda document, status: document.status == status,
    "placed_from": lambda document, moment: document.placed_at >= moment,
    "placed_to": lambda document, moment: document.placed_at < moment,
    "total_from": lambda document, total: document.total >= total,
    "total_to": lambda document, total: document.total <= total,
    "currency": lambda document, currency: document.currency == currency,
    "sku": lambda document, sku: document.deleted or any(line.sku == _as_stored(sku) for line in document.lines),
    "country": _country,
}
"""For each field of `OrderFilter`, whether an order matches its value."""
