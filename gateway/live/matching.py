"""Whether an order matches the filter of a subscription: the same conditions as `order_conditions` in SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.types.emails import as_stored
from contracts.orders import GraphCustomer, OrderGraph
from gateway.fields.nodes import key_of, uuid_of
from gateway.shop import names
from gateway.shop.orders.inputs import OrderCustomerFilter, OrderFilter, OrderStatus

Test = Callable[[OrderGraph, Any], bool]


def matches(document: OrderGraph, filter: OrderFilter) -> bool:
    """Whether an order matches the filter. Conditions on values that a deleted order no longer has are ignored."""
    given = ((name, value) for name, value in vars(filter).items() if value is not None)
    return all(TESTS[name](document, value) for name, value in given)


def _customer(document: OrderGraph, filter: OrderCustomerFilter) -> bool:
    if document.deleted:
        return True
    return document.customer is not None and _person(document.customer, filter)


def _person(person: GraphCustomer, filter: OrderCustomerFilter) -> bool:
    if filter.name is not None and not names.matches((person.name, person.last_name, person.company), filter.name):
        return False
    if filter.email is None:
        return True
    return person.email is not None and as_stored(filter.email.strip()) == person.email.lower()


def _has_key(value: str | None, text: str) -> bool:
    return value is not None and value == key_of(text)


def _country(document: OrderGraph, country: str) -> bool:
    places = [line.delivery_address for line in document.lines]
    return document.deleted or any(place is not None and place.country == country.upper() for place in places)


TESTS: dict[str, Test] = {
    "ids": lambda document, ids: document.id in map(uuid_of, ids),
    "number": lambda document, number: _has_key(document.number, number),
    "external_id": lambda document, external_id: _has_key(document.external_id, external_id),
    "source": lambda document, source: _has_key(document.source, source),
    "customer_id": lambda document, customer_id: document.customer_id == uuid_of(customer_id),
    "customer": _customer,
    "status": lambda document, statuses: OrderStatus(document.status) in statuses,
    "placed_from": lambda document, moment: document.placed_at >= moment,
    "placed_before": lambda document, moment: document.placed_at < moment,
    "updated_from": lambda document, moment: (document.updated_at or document.placed_at) >= moment,
    "updated_before": lambda document, moment: (document.updated_at or document.placed_at) < moment,
    "total_from": lambda document, total: document.total >= total,
    "total_below": lambda document, total: document.total < total,
    "currency": lambda document, currency: document.currency == currency.upper(),
    "sku": lambda document, sku: document.deleted or any(_has_key(line.sku, sku) for line in document.lines),
    "country": _country,
}
"""For each field of `OrderFilter`, whether an order matches its value."""
