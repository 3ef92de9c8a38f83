"""Which changes a subscriber's filter lets through."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.live.matching import TESTS, matches
from gateway.live.versions import Versions
from gateway.shop.orders.inputs import OrderCustomerFilter, OrderFilter, OrderStatus
from tests.support.live.clients import LINE, document

ORDER = uuid4()
NOON = datetime(1996, 7, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
TICK = timedelta(microseconds=1)


def test_every_field_of_the_filter_is_looked_at() -> None:
    assert TESTS.keys() == {field.name for field in dataclasses.fields(OrderFilter)}


@pytest.mark.parametrize(
    ("wanted", "is_told"),
    [
        ({}, True),
        ({"ids": [str(UUID(int=1)), str(ORDER).upper()]}, True),
        ({"ids": [str(UUID(int=1)), "x"]}, False),
        ({"external_id": " 10248 ", "source": "erp"}, True),
        ({"external_id": "10248", "source": "shop"}, False),
        ({"external_id": "10249"}, False),
        ({"number": " 1042 "}, True),
        ({"number": "1043"}, False),
        ({"external_id": "\0"}, False),
        ({"customer_id": str(UUID(int=1))}, True),
        ({"customer_id": str(UUID(int=2))}, False),
        ({"customer_id": "x"}, False),
        ({"customer": OrderCustomerFilter()}, True),
        ({"customer": OrderCustomerFilter(name=" jose TRU ")}, True),
        ({"customer": OrderCustomerFilter(name="josefa")}, False),
        ({"customer": OrderCustomerFilter(name="ose")}, False),
        ({"customer": OrderCustomerFilter(email="JOSE@example.com")}, True),
        ({"customer": OrderCustomerFilter(email='"JOSE"@example.com ')}, True),
        ({"customer": OrderCustomerFilter(email="jose@example")}, False),
        ({"status": [OrderStatus.SHIPPED, OrderStatus.PLACED]}, True),
        ({"status": [OrderStatus.SHIPPED, OrderStatus.DELIVERED]}, False),
        ({"placed_from": NOON, "placed_before": NOON + TICK}, True),
        ({"placed_from": NOON + TICK}, False),
        ({"placed_before": NOON}, False),
        ({"updated_from": LATER, "updated_before": LATER + TICK}, True),
        ({"updated_from": LATER + TICK}, False),
        ({"updated_before": LATER}, False),
        ({"total_from": Decimal("472.38"), "total_below": Decimal("472.381")}, True),
        ({"total_from": Decimal("472.39")}, False),
        ({"total_below": Decimal("472.380")}, False),
        ({"currency": "usd"}, True),
        ({"currency": "EUR"}, False),
        ({"sku": "CHAI"}, True),
        ({"sku": "CHA"}, False),
        ({"country": "pe"}, True),
        ({"country": "CL"}, False),
    ],
)
def test_a_filter_lets_through_what_fits(wanted: dict[str, Any], is_told: bool) -> None:
    order = document(ORDER, 1, lines=[LINE], externalId="10248", number="1042", source="erp", updatedAt=LATER)

    assert matches(order, OrderFilter(**wanted)) is is_told


def test_a_deleted_order_is_told_to_all_whom_it_may_concern() -> None:
    gone = document(ORDER, 2, deleted=True, customer=None)

    assert matches(gone, OrderFilter(sku="CHAI", country="PE", customer=OrderCustomerFilter(name="Ana")))
    assert not matches(gone, OrderFilter(status=[OrderStatus.SHIPPED]))


def test_only_the_first_record_of_a_version_is_new() -> None:
    seen, one, other = Versions(2, 10), uuid4(), uuid4()

    new = [seen.is_new(*record) for record in [(0, 3, one, 1), (0, 7, one, 1), (1, 2, other, 5), (0, 9, one, 2)]]

    assert new == [True, False, True, True]
    assert [seen.was_new(0, offset) for offset in (3, 7, 8, 9, 10)] == [True, False, False, True, False]
    assert seen.was_new(1, 2)


def test_of_more_orders_than_are_known_those_told_last_are() -> None:
    seen, first, second, third = Versions(1, 2), uuid4(), uuid4(), uuid4()
    for offset, order in enumerate((first, second, first, third)):
        seen.is_new(0, offset, order, 1)

    assert not seen.is_new(0, 4, first, 1)
    assert seen.is_new(0, 5, second, 1)
