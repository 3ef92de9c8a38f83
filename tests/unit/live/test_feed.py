"""What the feed keeps at hand: the last changes, so many and so many bytes."""

from __future__ import annotations

import pytest

from gateway.live import feed
from gateway.live.change_log import ChangeRecord
from gateway.live.order_event import ORDERS


async def _nobody(_: ChangeRecord) -> None:
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
    reading = feed.Feed(ORDERS, _nobody, lambda: None, most_versions=10)
    reading.floor = [0]

    for offset, size in enumerate(sizes):
        await reading._publish(ChangeRecord(0, offset, b"x" * size, (offset + 1,), ORDERS.decode))

    assert [each.offset for each in reading.recent] == kept
    assert reading.floor == [kept[0]]
