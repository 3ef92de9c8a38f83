"""The consumer that delivers chunks and commits exactly those that their reader has acknowledged.

Four rules from crash tests: offsets become committable only by `chunk.done()` (Faust itself acknowledges in a
`finally`, also after an error); a fetch that does not continue at the end of the last one is repeated; an agent that
leaves a chunk without `done()` ends the process, since Faust would stall the partition silently (see `reading.py`, and
`ack` for other agents); few chunks are in flight per partition, so that memory use is bounded.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, cast

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from mode.utils.futures import notify

from chassis.chunks.chunk import BACKLOG, Chunk
from chassis.chunks.fetching import FetchingThread
from chassis.chunks.reading import EXIT_UNFINISHED

MAX_IN_FLIGHT = 4


class ChunkConsumer(driver.Consumer):
    """Delivers one message per chunk for the `chunked_topics` of the transport."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._in_flight: defaultdict[TP, deque[Chunk]] = defaultdict(deque)
        self._done_until: dict[TP, int] = {}
        self._expected: dict[TP, int | None] = {}
        self._progress = asyncio.Event()
        self.fetch_positions: tuple[Mapping[TP, int], Mapping[TP, int]] = ({}, {})
        self.fetch_gaps: list[tuple[TP, int, int]] = []
        self.seek_epoch = 0
        super().__init__(*args, **settings)
        self._chunked: set[str] = cast(Any, self.transport).chunked_topics

    def _new_consumer_thread(self) -> FetchingThread:
        return FetchingThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> tuple[Any, Any]:
        if not self.flow_active:
            await self.wait(cast(Any, self.can_resume_flow))
        active = self._get_active_partitions()
        if not active:
            await self.sleep(0.1)
            return {}, active
        ready = {tp for tp in active if len(self._in_flight[tp]) < MAX_IN_FLIGHT}
        if not ready:
            self._progress.clear()
            try:
                await asyncio.wait_for(self._progress.wait(), timeout)
            except TimeoutError:
                pass
            return {}, active
        # A long poll of idle partitions must not delay one that is at its limit for a moment.
        wait_s = timeout if len(ready) == len(active) else 0.02
        return await self._getmany(active_partitions=ready, timeout=wait_s), active

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        """The fetched records as messages. Records that are not delivered are fetched again."""
        generation = self.app.consumer_generation_id
        self.fetch_positions = ({}, {})
        records, active = await self._wait_next_records(timeout)
        self._pass_gaps()
        before, after = self.fetch_positions
        if self.flow_active and self.app.consumer_generation_id == generation:
            await self._rewind_lost(before, {ensure_TP(tp) for tp in records or ()})
        if not records or self.should_stop:
            return
        if not self.flow_active:
            await self._seek_while_stopped()
            return
        for raw_tp, fetched in records.items():
            tp = ensure_TP(raw_tp)
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if tp not in active:
                continue
            try:
                log_end = self.highwater(tp)
                self.app.monitor.track_tp_end_offset(tp, log_end)
            except AssertionError:  # "Partition is not assigned": a rebalance came between
                return
            if tp.topic not in self._chunked:
                for record in fetched:
                    yield tp, self._to_message(tp, record)
            elif self._continues(tp, fetched[0].offset, before.get(tp)):
                yield tp, self._deliver(tp, fetched, after.get(tp, 0), generation, log_end or 0)
            else:
                await self._rewind(tp, fetched[0].offset)

    def _pass_gaps(self) -> None:
        """Skip gaps of the log; they are committable together with the records before them."""
        gaps, self.fetch_gaps = self.fetch_gaps, []
        for tp, start, end in gaps:
            if self._expected.get(tp) == start:
                self._expected[tp] = end
                if in_flight := self._in_flight[tp]:
                    in_flight[-1].end = end
                else:
                    self._done_until[tp] = end

    async def _seek_while_stopped(self) -> None:
        try:
            await self.perform_seek()
        except Exception as error:
            self.log.warning("seek failed while the flow was stopped: %r", error)

    def _continues(self, tp: TP, first: int, fetched_from: int | None) -> bool:
        expected = self._expected.get(tp)
        is_gap_in_log = expected is not None and first > expected and fetched_from == expected
        return expected is None or first == expected or is_gap_in_log

    async def _rewind_lost(self, fetched_from: Mapping[TP, int], fetched: set[TP]) -> None:
        """Rewind partitions whose fetch started after the last delivered record and returned nothing.

        A fetch during a rebalance can lose records. The next record would reveal it, but may not come for hours.
        """
        for tp, position in fetched_from.items():
            expected = self._expected.get(tp)
            if tp not in fetched and expected is not None and position > expected:
                await self._rewind(tp, position)

    async def _rewind(self, tp: TP, first: int) -> None:
        expected = self._expected[tp]
        assert expected is not None
        self.seek_epoch += 1
        self.log.warning(
            "records lost in a fetch of %r: expected offset %s, got %s; fetching again", tp, expected, first
        )
        await self._seek(tp, expected)

    def _deliver(self, tp: TP, fetched: Any, position_after: int, generation: int, log_end: int = 0) -> ConsumerMessage:
        last = fetched[-1]
        end = max(last.offset + 1, position_after)
        chunk = Chunk(tp, fetched, end, self, has_more=log_end - end >= BACKLOG)
        self._expected[tp] = chunk.end
        self._in_flight[tp].append(chunk)
        self._read_offset[tp] = None  # Faust's own check of gaps is for single messages
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            None,
            None,
            cast(Any, chunk),  # Faust's type says bytes
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    def longest_unfinished_s(self) -> float:
        """The age of the oldest unfinished chunk in seconds; 0 without one."""
        now = monotonic()
        return max((now - waiting[0].since for waiting in self._in_flight.values() if waiting), default=0.0)

    def chunk_done(self, chunk: Chunk) -> None:
        """Make the contiguous done chunks from the oldest on committable."""
        waiting = self._in_flight.get(chunk.partition)
        while waiting and waiting[0].is_done:
            self._done_until[chunk.partition] = waiting.popleft().end
        self._progress.set()

    def is_in_flight(self, chunk: Chunk) -> bool:
        """Whether it was delivered, is not done, and was not revoked."""
        return chunk in self._in_flight.get(chunk.partition, ())

    def ack(self, message: Message) -> bool:
        """Called by Faust when the agent takes the next event, or ends."""
        chunk: Any = message.value
        if type(chunk) is not Chunk:
            return super().ack(message)
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        is_left = not (chunk.is_done or chunk.is_kept)
        if is_left and self.is_in_flight(chunk) and self._is_current(message):
            self.log.critical("%r was left unfinished; exiting, so that the supervisor restarts this process", chunk)
            os._exit(EXIT_UNFINISHED)
        return True

    def _is_current(self, message: Message) -> bool:
        is_same_generation = message.generation_id == self.app.consumer_generation_id
        return bool(self.flow_active and not self.should_stop and is_same_generation)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        yield from super()._filter_tps_with_pending_acks(topics)
        for tp in list(self._done_until):
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        return self._done_until.get(tp) if tp.topic in self._chunked else super()._new_offset(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        previous = {tp: self._committed_offset[tp] for tp in offsets}
        is_committed: bool = await super()._commit_offsets(offsets, start_new_transaction=start_new_transaction)
        if not is_committed:  # Faust records them as committed anyway
            self._committed_offset.update(previous)
        return is_committed

    def _forget(self, partitions: Iterable[TP]) -> None:
        self.fetch_gaps = []
        for tp in partitions:
            self._in_flight.pop(tp, None)
            self._done_until.pop(tp, None)
            self._expected.pop(tp, None)
        self._progress.set()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commit done chunks before the partitions are assigned to another worker."""
        try:
            await asyncio.wait_for(self.commit(), 5.0)
        except Exception as error:
            self.log.warning("commit failed before partitions were revoked: %r", error)
        self._forget(revoked)
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        """Start each partition at its committed offset, without chunks in flight."""
        self.seek_epoch += 1
        await super().perform_seek()
        chunked = {tp for tp in self.assignment() if tp.topic in self._chunked}
        self._forget(chunked)
        unread = [tp for tp in chunked if self._read_offset[tp] is None]
        starts = await self.earliest_offsets(*unread) if unread else {}
        for tp in chunked:
            self._expected[tp] = starts.get(tp, 0) if tp in unread else self._read_offset[tp]
