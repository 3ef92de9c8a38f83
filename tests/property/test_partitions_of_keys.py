"""Keys have the partition that every other client of Kafka gives them."""

from __future__ import annotations

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from chassis.kafka.partitions import partition_of


@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_key_has_the_partition_that_kafkas_clients_choose(key: bytes, partitions: int) -> None:
    numbers = list(range(partitions))

    assert partition_of(key, partitions) == DefaultPartitioner()(key, numbers, numbers)
