"""Waiters for writes: few looks for many who wait, no wake-up missed, and an end for everyone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, cast

import pytest

from chassis.http.errors.problems import Busy, Unavailable
from chassis.tasks import end
from gateway.consistency import waiters
from gateway.consistency.consistency import Consistency
from gateway.consistency.freshness import Watermarks
from gateway.consistency.read_preferences import ReadPreferences
from gateway.consistency.reads import EVERYTHING
from gateway.consistency.tokens import Token
from gateway.consistency.waiters import Waiters
from gateway.errors import Refusal
from tests.support.eventually import eventually

LONG_S = 30.0


class View:
    """A view that has some products; a look takes until `go_on` is set."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.looks: list[int] = []
        self.fails: list[Exception] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.waiters = Waiters("a view", self.look)

    async def look(self, tokens: Collection[Token]) -> list[Token]:
        self.looks.append(len(tokens))
        seen = dict(self.versions)
        await self.go_on.wait()
        if self.fails:
            raise self.fails.pop()
        return [token for token in tokens if seen.get(token.identity, 0) >= token.version]

    def wait(self, number: int, version: int = 1, timeout_s: float = LONG_S) -> asyncio.Task[None]:
        return asyncio.create_task(self.waiters.wait_for([Token("product", str(number), version)], timeout_s))

    async def looked(self, times: int) -> None:
        """Return once so many looks have begun."""

        def so_often() -> None:
            assert len(self.looks) >= times

        await eventually(so_often)


async def test_what_is_there_already_is_found_by_one_look() -> None:
    view = View()
    view.versions["1"] = 5

    await view.wait(1, version=4)

    assert view.looks == [1]


async def test_a_thousand_who_wait_are_a_handful_of_looks() -> None:
    view = View()
    all_wait = [view.wait(number) for number in range(1000)]
    await view.looked(1)

    view.versions = {str(number): 1 for number in range(1000)}
    view.waiters.moved()
    await asyncio.gather(*all_wait)

    assert len(view.looks) <= 3


async def test_what_comes_while_a_look_is_under_way_is_looked_for_again() -> None:
    view = View()
    view.go_on.clear()
    waits = view.wait(1)
    await view.looked(1)
    view.versions["1"] = 1  # after the look has seen what there is
    view.waiters.moved()
    view.go_on.set()

    await waits

    assert view.looks == [1, 1]


async def test_who_comes_while_a_look_is_under_way_is_looked_for_too() -> None:
    view = View()
    view.versions["2"] = 1
    view.go_on.clear()
    first = view.wait(1)
    await view.looked(1)
    second = view.wait(2)
    await asyncio.sleep(0)
    view.go_on.set()

    await second

    assert not first.done()
    first.cancel()


async def test_an_older_version_is_not_enough_and_nobody_looks_while_nothing_moves() -> None:
    view = View()
    view.versions["1"] = 1

    with pytest.raises(TimeoutError):
        await view.wait(1, version=2, timeout_s=0)

    assert view.looks == [1]


async def test_nobody_who_went_away_is_looked_for() -> None:
    view = View()
    waits = view.wait(1)
    await view.looked(1)
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)

    view.waiters.moved()
    view.versions["2"] = 1
    await view.wait(2)

    assert view.looks == [1, 1]


@pytest.mark.parametrize("reason", [Unavailable("a view"), Busy("a view"), RuntimeError("a bug")])
async def test_nobody_hears_of_a_store_that_is_away_for_less_time_than_they_wait(reason: Exception) -> None:
    view = View()
    view.versions["1"] = 1
    view.fails = [reason] * 2

    await view.wait(1)

    assert view.looks == [1, 1, 1]


async def test_a_store_that_stays_away_is_told_to_all_whose_time_is_over() -> None:
    view = View()
    view.fails = [Unavailable("a view")] * 1000

    waits = [view.wait(1, timeout_s=0), view.wait(2, timeout_s=0), view.wait(2, timeout_s=0)]

    ended = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(error) for error in ended] == [Unavailable] * 3


async def test_who_waits_longer_than_the_store_is_away_is_answered_when_it_is_back() -> None:
    view = View()
    view.versions["1"] = 1
    view.fails = [Unavailable("a view")] * 1000
    waits, impatient = view.wait(1), view.wait(2, timeout_s=0)
    await asyncio.gather(impatient, return_exceptions=True)

    assert not waits.done()
    view.fails = []
    await waits


async def test_a_store_that_is_back_without_the_write_is_no_longer_away() -> None:
    view = View()
    view.fails = [Unavailable("a view")]

    with pytest.raises(TimeoutError):
        await view.wait(1, timeout_s=1)


async def test_those_who_wait_are_counted_whatever_they_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "MAX_WAITERS", 3)
    view = View()
    same = [view.wait(1) for _ in range(2)]
    several = asyncio.create_task(view.waiters.wait_for([Token("product", str(n), 1) for n in range(20)], LONG_S))
    await view.looked(1)

    with pytest.raises(Busy):
        await view.wait(1)
    await end(several)
    await end(*same)
    view.versions["1"] = 1
    await asyncio.gather(*(view.wait(1) for _ in range(3)))


async def test_when_one_view_fails_nobody_waits_for_the_other_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "MAX_WAITERS", 1)
    read_model, search = View(), View()
    search.fails = [Unavailable("the product search")] * 1000
    views = Consistency(cast(Any, None), cast(Any, None), Watermarks(1000), 30_000)
    views._read_model.waiters, views._search.waiters = read_model.waiters, search.waiters
    full = search.wait(2)
    await search.looked(1)

    with pytest.raises(Refusal):
        await views.ensure(ReadPreferences((Token("product", "1", 1),), 30_000), EVERYTHING)

    read_model.versions["2"] = 1
    await read_model.wait(2)
    await end(full)
