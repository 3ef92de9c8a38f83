"""What the feed keeps at hand: the last changes, so many and so many bytes."""

from __future__ import annotations

import pytest

from gateway.live import feed
from gateway.live.order_event import OrderEvent


async def _nobody(_: OrderEvent) -> None:
    """Nobody listens."""


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([1] * 8, [4, 5, 6, 7]),
        ([10] * 8, [6, 7]),
        ([1, 1, 20, 1, 1], [2, 3, 4]),
        ([20, 20], [1]),
    ],
    ids=["by number", "by bytes", "as many as go beside a large one", "one alone"],
)
async def test_the_oldest_changes_go_when_there_are_too_many_or_too_large(
    monkeypatch: pytest.MonkeyPatch, sizes: list[int], kept: list[int]
) -> None:
    monkeypatch.setattr(feed, "MAX_RECENT", 4)
    monkeypatch.setattr(feed, "MAX_RECENT_BYTES", 22)
    reading = feed.Feed(_nobody, lambda: None, most_orders=10)
    reading.floor = [0]

    for offset, size in enumerate(sizes):
        await reading._publish(OrderEvent(0, offset, b"x" * size, (offset + 1,)))

    assert [each.offset for each in reading.recent] == kept
    assert reading.floor == [kept[0]]
