"""How a trace finds an order's records without reading whole topics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.kafka.partitions import partition_of
from contracts.orders import ORDER, ORDER_DETAIL, ORDERS_GRAPH
from contracts.topics import Topic
from oms.inspect.order_trace import OrderTrace, Record, made_at_ms, record_key

ORDER_ID = UUID("01a206e4-a4a6-7636-a7b8-1d9d1f29fcca")


def test_an_order_and_its_lines_have_the_same_key_and_partition() -> None:
    assert record_key(ORDER, ORDER_ID) == b'{"order_id":"01a206e4-a4a6-7636-a7b8-1d9d1f29fcca"}'
    assert record_key(ORDER_DETAIL, ORDER_ID) == record_key(ORDER, ORDER_ID)
    assert record_key(ORDERS_GRAPH, ORDER_ID) == b'{"id":"01a206e4-a4a6-7636-a7b8-1d9d1f29fcca"}'


def test_the_partition_is_the_one_that_the_default_partitioner_chose() -> None:
    """As seen on a broker: Connect's producer wrote the row, aiokafka's the joined order."""
    assert partition_of(record_key(ORDER, ORDER_ID), 3) == 0
    assert partition_of(record_key(ORDERS_GRAPH, ORDER_ID), 3) == 2


def test_the_id_says_when_the_order_was_made() -> None:
    assert datetime.fromtimestamp(made_at_ms(ORDER_ID) / 1000, UTC) == datetime(2026, 11, 23, 5, 32, 57, 382000, UTC)


def test_an_id_that_says_no_time_means_from_the_beginning() -> None:
    assert made_at_ms(uuid4()) == 0


@pytest.mark.parametrize(("next_offset", "unread"), [(50, 10), (57, 3), (58, 0), (60, 0)])
def test_the_read_model_is_behind_until_it_has_passed_the_orders_last_record(next_offset: int, unread: int) -> None:
    places = OrderTrace(ORDER_ID, ends={("order", 1): 60}, progress={("order", 1): next_offset})
    places.records = [Record("order", 1, 57, datetime.now(UTC), None)]

    assert places.unread(ORDER) == unread


@pytest.mark.parametrize("row", [None, {"version": 1, "lines_version": 1, "line_count": 0}])
@pytest.mark.parametrize("missing", [ORDER, ORDERS_GRAPH])
def test_former_partitions_are_read_if_any_topic_has_no_record_in_the_present_ones(
    missing: Topic[Any], row: dict[str, Any] | None
) -> None:
    found = OrderTrace(ORDER_ID, row=row)
    found.records = [
        Record(topic.name, 2, 0, datetime.now(UTC), None) for topic in (ORDER, ORDERS_GRAPH) if topic is not missing
    ]

    assert not found.is_all_on_topics
