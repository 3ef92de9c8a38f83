"""Waiters for a view that shows writes after a refresh: few refreshes, and nobody is answered before the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from random import Random

import pytest

from chassis.http.errors.problems import Unavailable
from chassis.tasks import end
from gateway.consistency import awaited, rounds, waiters
from gateway.consistency.tokens import Token
from gateway.consistency.waiters import LookupFailed, Waiters
from tests.support.eventually import eventually

LONG_S = 30.0


class Gates:
    """Calls that return when the test lets them, in any order."""

    def __init__(self) -> None:
        self.closed: list[asyncio.Future[None]] = []
        self.is_open = False
        self.calls = 0

    async def passed(self) -> None:
        self.calls += 1
        if self.is_open:
            return
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed.append(gate)
        await gate

    def open(self, number: int = 0) -> None:
        self.closed.pop(number).set_result(None)

    async def called(self, times: int) -> None:
        """Return once so many calls have begun."""

        def so_often() -> None:
            assert self.calls >= times

        await eventually(so_often)


class Index:
    """An index that shows what it held when a refresh began, as soon as this ends."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self.shown: dict[str, int] = {}
        self.looks, self.refreshes = Gates(), Gates()
        self.fails: list[Exception] = []
        self.early: list[Token] = []
        self.waiters = Waiters("an index", self.look, self.refresh)

    async def look(self, tokens: Collection[Token]) -> list[Token]:
        assert 0 < len(tokens) <= awaited.MAX_LOOKED_UP
        there = dict(self.held)
        await self.looks.passed()
        return [token for token in tokens if there.get(token.identity, 0) >= token.version]

    async def refresh(self) -> None:
        there = dict(self.held)
        await self.refreshes.passed()
        if self.fails:
            raise self.fails.pop()
        for sku, version in there.items():
            self.shown[sku] = max(version, self.shown.get(sku, 0))

    def write(self, sku: str, version: int = 1, *, is_announced: bool = True) -> None:
        self.held[sku] = max(version, self.held.get(sku, 0))
        if is_announced:
            self.waiters.holds("product", {sku: version})

    def wait(self, sku: str, version: int = 1, timeout_s: float = LONG_S) -> asyncio.Task[None]:
        return asyncio.create_task(self._wait(Token("product", sku, version), timeout_s))

    async def _wait(self, token: Token, timeout_s: float) -> None:
        await self.waiters.wait_for([token], timeout_s)
        if self.shown.get(token.identity, 0) < token.version:
            self.early.append(token)


async def settled() -> None:
    """Run everything that can run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_announced_write_is_shown_without_a_lookup() -> None:
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    waits = index.wait("chai", 2)
    await settled()
    index.write("chai", 1)
    await settled()
    assert not waits.done()

    index.write("chai", 3)
    await waits

    assert (index.looks.calls, index.refreshes.calls, index.early) == (1, 1, [])


async def test_nothing_is_looked_up_for_a_write_that_is_announced_at_once() -> None:
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    waits = index.wait("chai")
    asyncio.get_running_loop().call_soon(index.write, "chai")  # after the read came, before its lookup begins

    await waits

    assert (index.looks.calls, index.refreshes.calls, index.early) == (0, 1, [])


async def test_a_bug_is_told_to_each_who_waits_in_an_error_of_its_own() -> None:
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    index.fails = [TypeError("a bug")] * 1000
    index.write("chai")

    ended = await asyncio.gather(*(index.wait("chai", timeout_s=0) for _ in range(3)), return_exceptions=True)

    assert [type(error) for error in ended] == [LookupFailed] * 3
    assert len({id(error) for error in ended}) == 3


async def test_a_refresh_that_began_before_the_write_does_not_count() -> None:
    index = Index()
    index.looks.is_open = True
    first, second = index.wait("chai"), index.wait("tea")
    await settled()
    index.write("chai")
    await index.refreshes.called(1)
    index.write("tea")
    index.refreshes.open()
    await first
    await settled()

    assert not second.done()
    await index.refreshes.called(2)
    index.refreshes.open()
    await second
    assert (index.refreshes.calls, index.early) == (2, [])


async def test_one_refresh_serves_all_who_wait_and_the_next_those_who_came_meanwhile() -> None:
    index = Index()
    index.looks.is_open = True
    number = {"first": 500, "meanwhile": 500}
    waiting = [index.wait(f"{when}-{each}") for when, many in number.items() for each in range(many)]
    await settled()
    for when, many in number.items():
        index.waiters.holds("product", {f"{when}-{each}": 1 for each in range(many)})
        index.held |= {f"{when}-{each}": 1 for each in range(many)}
        await settled()
    index.refreshes.open()
    index.refreshes.is_open = True

    await asyncio.gather(*waiting)

    assert index.refreshes.calls <= 3


async def test_refreshes_do_not_follow_each_other_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiters, "SHOW_EVERY_S", LONG_S)
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    index.write("chai")
    await index.wait("chai")
    index.write("tea")

    waits = index.wait("tea")
    await index.looks.called(2)
    await settled()

    assert (waits.done(), index.refreshes.calls) == (False, 1)
    await end(waits)


async def test_a_lookup_that_hangs_holds_up_nobody_else() -> None:
    index = Index()
    index.refreshes.is_open = True
    stuck = index.wait("stuck")
    await index.looks.called(1)
    index.write("chai", is_announced=False)
    waits = index.wait("chai")
    await index.looks.called(2)
    index.looks.open(1)

    await waits

    assert index.early == []
    await end(stuck)


async def test_a_refresh_that_hangs_holds_up_nobody_else() -> None:
    index = Index()
    index.looks.is_open = True
    stuck = index.wait("stuck")
    await settled()
    index.write("stuck")
    await index.refreshes.called(1)
    waits = index.wait("chai")
    await settled()
    index.write("chai")
    await index.refreshes.called(2)
    index.refreshes.open(1)

    await waits

    assert not stuck.done()
    await end(stuck)


async def test_a_failed_refresh_is_repeated_for_those_who_wait() -> None:
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    index.fails = [Unavailable("an index")] * 2
    index.write("chai")

    await index.wait("chai")

    assert (index.refreshes.calls, index.early) == (3, [])


async def test_an_index_that_cannot_be_refreshed_is_unavailable() -> None:
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    index.fails = [Unavailable("an index")] * 1000
    index.write("chai")

    with pytest.raises(Unavailable):
        await index.wait("chai", timeout_s=0)


async def test_nothing_is_refreshed_for_those_who_went_away() -> None:
    index = Index()
    index.looks.is_open = True
    busy, gone = index.wait("chai"), index.wait("tea")
    await settled()
    index.write("chai")
    index.write("tea")
    await settled()
    await end(gone)
    index.refreshes.open()
    await busy
    await settled()

    assert index.refreshes.calls == 1


async def test_a_lookup_has_a_limit_and_those_who_come_are_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaited, "MAX_LOOKED_UP", 10)
    index = Index()
    index.looks.is_open = index.refreshes.is_open = True
    never = [index.wait(f"never-{number}") for number in range(1000)]
    await index.looks.called(100)
    await settled()
    index.looks.is_open, index.looks.calls = False, 0
    index.waiters.moved()
    await index.looks.called(1)
    index.write("chai", is_announced=False)
    waits = index.wait("chai")
    await settled()
    index.looks.open()
    await index.looks.called(2)
    index.looks.open()

    await waits

    await end(*never)


@pytest.mark.parametrize("seed", range(100))
async def test_nobody_is_answered_early_whatever_happens_when(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    for name in ("SLOW_LOOK_S", "SLOW_SHOW_S"):  # with and without overlapping rounds
        monkeypatch.setattr(waiters, name, chance.choice((0.0, 60.0)))
    for name in ("LOOK_EVERY_S", "SHOW_EVERY_S"):
        monkeypatch.setattr(waiters, name, chance.choice((0.0, 0.0001)))
    monkeypatch.setattr(rounds, "RETRY_S", 0.0)
    index, waiting, written = Index(), [], dict.fromkeys("abc", 0)
    for _ in range(60):
        sku = chance.choice("abc")
        match chance.choice(("write", "wait", "wait", "look", "look", "refresh", "refresh", "move", "leave", "fail")):
            case "write":
                written[sku] += 1
                index.write(sku, written[sku], is_announced=chance.random() < 0.5)
            case "wait":
                waiting.append(index.wait(sku, written[sku] + chance.randint(0, 2)))
            case "look" if index.looks.closed:
                index.looks.open(chance.randrange(len(index.looks.closed)))
            case "refresh" if index.refreshes.closed:
                index.refreshes.open(chance.randrange(len(index.refreshes.closed)))
            case "move":
                index.waiters.moved()
            case "leave" if waiting:
                chance.choice(waiting).cancel()
            case "fail":
                index.fails = [Unavailable("an index")]
        await settled()
    for sku in "abc":
        index.write(sku, written[sku] + 2)
    index.fails, index.looks.is_open, index.refreshes.is_open = [], True, True
    while index.looks.closed:
        index.looks.open()
    while index.refreshes.closed:
        index.refreshes.open()

    ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), LONG_S)

    assert index.early == []
    assert {type(each) for each in ended} <= {type(None), asyncio.CancelledError}
