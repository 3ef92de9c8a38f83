"""What was missed is read from memory or from the log: the same changes, each once, either way."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from gateway.live import feed, replay
from gateway.live.change_log import ChangeRecord
from gateway.live.order_event import ORDERS
from gateway.live.replay import Replay
from gateway.live.stream_cursor import has_reached
from tests.support.eventually import eventually
from tests.support.live.clients import document, tell, versions


async def _nobody(_: ChangeRecord) -> None:
    """Nobody listens."""


async def _has_read(reading: feed.Feed, records: int) -> None:
    assert sum(reading.next_offsets) == records


@pytest.mark.parametrize("most_recent", [2, 1000])
async def test_the_changes_between_two_places_are_told_once(monkeypatch: pytest.MonkeyPatch, most_recent: int) -> None:
    monkeypatch.setattr(feed, "MAX_RECENT", most_recent)
    monkeypatch.setattr(replay, "MAX_CHANGES", 4)
    orders = [uuid4() for _ in range(6)]
    reading = feed.Feed(ORDERS, _nobody, lambda: None, most_versions=1_000_000)
    reading.start()
    try:
        await asyncio.wait_for(reading.has_caught_up.wait(), 60)
        begin = list(reading.next_offsets)
        await versions(orders, 1, 2)
        await tell(document(orders[0], 2, subtotal="1.00"), document(orders[0], 3))
        await eventually(lambda: _has_read(reading, sum(begin) + 14))
        pages, at, found = Replay(reading), begin, list[ChangeRecord]()
        while not has_reached(at, reading.next_offsets):
            page = await pages.page(at, lambda _: True)
            found += page.changes
            at = page.next_position
    finally:
        await reading.close()

    told = [(document.id, document.version) for document in (each.document for each in found) if document]
    assert len(told) == len(found)
    assert sorted(told) == sorted([*((order, version) for order in orders for version in (1, 2)), (orders[0], 3)])
    assert [version for order, version in told if order == orders[0]] == [1, 2, 3]
    assert all(each.next_position[each.partition] == each.offset + 1 for each in found)
