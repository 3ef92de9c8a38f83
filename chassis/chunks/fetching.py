"""Faust's fetching thread, which also records the positions before and after each fetch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from chassis.consumer import Consumer


class FetchingThread(driver.AIOKafkaConsumerThread):
    """The positions distinguish a gap in the log (compaction, transactions) from a lost fetch."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has 1,500 ms without a setting. It is how long the broker holds an empty fetch.
        consumer._fetch_max_wait_ms = transport.fetch_max_wait_ms
        # Faust makes its consumer itself. A worker may be stopped in the moment in which it gets other partitions.
        consumer.__class__ = Consumer
        return consumer

    def _positions(self, partitions: Iterable[TP]) -> dict[TP, int]:
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None:
            return {}
        states = {tp: assignment._tp_state.get(driver.ensure_aiokafka_TP(tp)) for tp in partitions}
        return {tp: state.position for tp, state in states.items() if state is not None and state.has_valid_position}

    async def _fetch_records(
        self, consumer: Any, active_partitions: Any, timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        owner: Any = self.consumer
        before, epoch = self._positions(active_partitions or ()), owner.seek_epoch
        records = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        if epoch != owner.seek_epoch:  # after a seek, the positions are meaningless
            return records
        after = self._positions(before)
        fetched = {ensure_TP(tp) for tp in records or ()}
        owner.fetch_positions = (before, after)
        # A position that moves without records passed a control record, such as the end of a transaction.
        owner.fetch_gaps += [
            (tp, before[tp], end) for tp, end in after.items() if end > before[tp] and tp not in fetched
        ]
        return records
