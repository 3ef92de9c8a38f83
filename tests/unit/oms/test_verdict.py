"""The last line of `oms trace`: whether an order is whole, or where it is stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from oms.inspect.verdict import Facts, TopicVersion, differences, verdict

WHOLE = Facts(
    mysql=3,
    topic=TopicVersion(3, "order/1@57"),
    received=3,
    shown=3,
    graph=TopicVersion(3, "orders-graph/0@9"),
    is_deleted=False,
    lines_expected=2,
    lines_on_topic=2,
    lines_missing=(),
    unread_orders=0,
    unread_lines=0,
    differing=(),
    unavailable={},
)


def test_an_order_that_is_the_same_everywhere_is_whole() -> None:
    outcome = verdict(WHOLE)

    assert outcome.is_whole
    assert outcome.text == "whole: version 3 everywhere"


def test_a_deleted_order_that_all_places_know_is_deleted_is_well() -> None:
    outcome = verdict(replace(WHOLE, mysql=None, is_deleted=True, lines_expected=0))

    assert outcome.is_whole
    assert outcome.text == "deleted: version 3 everywhere"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"topic": TopicVersion(2, "order/1@57"), "received": 2, "shown": 2},
            "MySQL has version 3, topic order has 2 at order/1@57: Kafka Connect is behind",
        ),
        (
            {"topic": None, "received": None, "shown": None, "graph": None, "lines_on_topic": 0},
            "MySQL has version 3, topic order has nothing: Kafka Connect is behind",
        ),
        (
            {"lines_on_topic": 1, "shown": 2},
            "MySQL has version 3, topic order_detail has 1 of its 2 lines: Kafka Connect is behind",
        ),
        (
            {"received": 2, "shown": 2, "unread_orders": 4},
            "MySQL has version 3, topic order has 3 at order/1@57, the read model has 2:"
            " orders_stream is 4 records behind",
        ),
        (
            {"received": 2, "shown": 2},
            "MySQL has version 3, topic order has 3 at order/1@57, the read model has 2:"
            " orders_stream has read past it; run: oms dead-letters list --topic order",
        ),
        (
            {"shown": None, "lines_missing": (2,), "unread_lines": 1},
            "the read model has received version 3 and shows nothing, line 2 has not arrived:"
            " orders_stream is 1 record behind",
        ),
        (
            {"shown": 2, "lines_missing": (1, 2)},
            "the read model has received version 3 and shows 2, lines 1, 2 have not arrived:"
            " orders_stream has read past it; run: oms dead-letters list --topic order_detail",
        ),
        (
            {"shown": 2},
            "the read model has received version 3 and shows 2, all its lines have arrived:"
            " orders_stream has not put it together yet",
        ),
        (
            {"graph": TopicVersion(2, "orders-graph/0@8")},
            "the read model shows version 3, topic orders-graph has 2 at orders-graph/0@8:"
            " orders_stream has not published it yet",
        ),
        (
            {"mysql": None},
            "MySQL has deleted it, topic order has version 3 at order/1@57: Kafka Connect is behind",
        ),
        ({"differing": ("subtotal",)}, "the read model differs from MySQL in subtotal"),
        ({"mysql": 2}, "the order changed during the trace; trace it again"),
    ],
)
def test_the_first_step_that_has_not_happened_is_named(changes: dict[str, Any], text: str) -> None:
    outcome = verdict(replace(WHOLE, **changes))

    assert not outcome.is_whole
    assert outcome.text == text


@pytest.mark.parametrize(
    ("unavailable", "unseen"),
    [
        ("MySQL", {"mysql": None}),
        ("Kafka", {"topic": None, "graph": None, "lines_on_topic": 0}),
        ("Postgres", {"received": None, "shown": None, "lines_missing": ()}),
    ],
)
def test_an_unavailable_database_is_not_taken_for_an_empty_one(unavailable: str, unseen: dict[str, Any]) -> None:
    outcome = verdict(replace(WHOLE, unavailable={unavailable: "refused"}, **unseen))

    assert not outcome.is_whole
    assert outcome.text == f"version 3 where it can be checked; {unavailable} is unavailable"


def test_values_that_mean_the_same_do_not_differ() -> None:
    order_id = UUID("01a206db-5b74-73b2-aa01-c3faa21992e8")
    row = {
        "order_id": str(order_id),
        "freight": Decimal("440.0000"),
        "placed_at": datetime(1996, 7, 4),
        "external_id": None,
        "delivery_addresses": '[{"city": "Lima", "street": "Avenida Brasil"}]',
    }
    shown = {
        "order_id": order_id,
        "freight": Decimal("440.0000"),
        "placed_at": datetime(1996, 7, 4, tzinfo=UTC),
        "delivery_addresses": '[{"street":"Avenida Brasil","city":"Lima"}]',
    }

    assert differences(row, shown) == []
    assert differences(row, shown | {"freight": Decimal("441.0000"), "external_id": "1"}) == ["external_id", "freight"]
    assert differences(row, shown | {"delivery_addresses": "[]"}) == ["delivery_addresses"]
