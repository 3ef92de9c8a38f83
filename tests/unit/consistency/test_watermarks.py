"""How fresh each source is said to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from gateway.consistency import freshness
from gateway.consistency.freshness import READ_MODEL_SOURCES, SOURCES, STORES, Watermarks

STALE_MS = 60_000


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def test_of_what_nobody_has_told_nothing_is_known_and_it_counts_as_stale() -> None:
    marks = Watermarks(STALE_MS)

    assert orjson.loads(marks.json()) == {source: {"lagMs": None, "stale": True} for source in SOURCES}
    assert marks.lags_ms(SOURCES) == dict.fromkeys(SOURCES)


def test_the_lag_is_the_age_of_what_was_reached_and_past_the_limit_it_is_stale() -> None:
    marks = Watermarks(STALE_MS)
    marks.advance("orders", ago(30))
    marks.advance("products", ago(90))

    told = orjson.loads(marks.json())

    assert 30_000 <= told["orders"]["lagMs"] < STALE_MS
    assert told["orders"]["stale"] is False
    assert told["products"]["lagMs"] >= 90_000
    assert told["products"]["stale"] is True


def test_it_never_goes_back_by_what_comes_late() -> None:
    marks = Watermarks(STALE_MS)
    marks.advance("orders", ago(1))
    marks.advance("orders", ago(500))

    assert (marks.lag_ms("orders") or 0) < STALE_MS


def test_what_is_told_follows_at_once() -> None:
    marks = Watermarks(STALE_MS)
    marks.json()
    marks.advance("orders", ago(1))

    assert orjson.loads(marks.json())["orders"]["stale"] is False


def test_a_view_that_was_made_anew_is_as_fresh_as_it_says_and_search_stays() -> None:
    marks = Watermarks(STALE_MS)
    for source in SOURCES:
        marks.advance(source, ago(1))

    marks.replace(READ_MODEL_SOURCES, {"orders": ago(500)})

    assert (marks.lag_ms("orders") or 0) >= 500_000
    assert marks.lag_ms("customers") is None
    assert (marks.lag_ms("search") or 0) >= 1000


def test_the_future_is_not_told_of() -> None:
    marks = Watermarks(STALE_MS)
    marks.advance("orders", ago(-10))

    assert marks.lag_ms("orders") == 0


@pytest.mark.parametrize(("silent_s", "is_stale"), [(0, False), (20, False), (20.001, True), (21, True)])
def test_stores_have_a_limit_of_their_own_that_passes_without_news(
    monkeypatch: pytest.MonkeyPatch, silent_s: float, is_stale: bool
) -> None:
    noon, marks = datetime(2026, 1, 31, 12, tzinfo=UTC), Watermarks(10_000)
    marks.advance(STORES, noon)
    monkeypatch.setattr(freshness, "time", lambda: noon.timestamp())
    assert orjson.loads(marks.json())[STORES] == {"lagMs": 0, "stale": False}

    monkeypatch.setattr(freshness, "time", lambda: noon.timestamp() + silent_s)

    assert orjson.loads(marks.json())[STORES] == {"lagMs": round(silent_s * 1000), "stale": is_stale}
