"""Subscribers who come, go, are slow and come back, while the stream goes on: in every order in which that may happen.

Each hears each version once and in order, or is told why it ended; nobody waits in vain, and nothing is left.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from gateway import errors
from gateway.errors import Refusal
from gateway.live import feed, replay, stream_cursor
from tests.support.live.fake_log import Log
from tests.support.live.live_in_process import WITH_CUSTOMERS, Client, Loaders, a_hub, until
from tests.support.live.schedules import explore

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def everything_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Next to nothing is in memory, a page is short, and one is read at a time."""
    monkeypatch.setattr(feed, "MAX_RECENT", 1)
    monkeypatch.setattr(replay, "MAX_CHANGES", 2)
    monkeypatch.setattr(replay, "CONCURRENT_READS", 1)


def a_log(monkeypatch: pytest.MonkeyPatch, partitions: int = 1) -> Log:
    log = Log(partitions)
    log.install(monkeypatch)
    return log


def versions(order: UUID, last: int) -> list[tuple[UUID, int]]:
    return [(order, version) for version in range(1, last + 1)]


def test_of_three_tabs_one_reloads(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start = await hub.cursor()
            log.tell(ONE, 1)
            first, second, third = (Client(hub, start).open() for _ in range(3))
            log.tell(ONE, 2)
            await second.hears(*versions(ONE, 2))
            await second.close()
            log.tell(ONE, 3)
            second.open()
            log.tell(ONE, 2, 3, 4)
            for tab in (first, second):
                await tab.hears(*versions(ONE, 4))
                await tab.close()
            log.tell(ONE, 5)
            await third.hears(*versions(ONE, 5))
            await third.close()

    explore(scenario)


@pytest.mark.parametrize("leaves_after", range(4))
def test_one_leaves_in_the_middle_of_whatever_it_does(monkeypatch: pytest.MonkeyPatch, leaves_after: int) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start = await hub.cursor()
            log.tell(ONE, 1, 2)
            stays, goes = Client(hub, start).open(), Client(hub, start).open()
            for version in (3, 4, 5):
                for _ in range(leaves_after * 4):
                    await asyncio.sleep(0)
                await goes.close()
                log.tell(ONE, version)
                goes.open()
            for client in (goes, stays):
                await client.hears(*versions(ONE, 5))
                await client.close()

    explore(scenario)


@pytest.mark.usefixtures("everything_is_in_the_log")
def test_slow_clients_that_read_the_log_are_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        log.tell(OTHER, *range(1, 8))
        async with a_hub() as hub:
            slow = [Client(hub, "WyJjaGFuZ2VzIiwwXQ", takes_s=50).open() for _ in range(3)]
            quick = Client(hub, "WyJjaGFuZ2VzIiwwXQ").open()
            log.tell(ONE, 1)
            await quick.hears(*versions(OTHER, 7), (ONE, 1))
            assert max(len(client.heard) for client in slow) <= 1
            for client in (*slow, quick):
                await client.close()

    explore(scenario)


@pytest.mark.usefixtures("everything_is_in_the_log")
def test_the_topic_is_made_anew_while_some_catch_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start = await hub.cursor()
            log.tell(ONE, *range(1, 8))
            clients = [Client(hub, start, takes_s=takes_s).open() for takes_s in (0, 1, 20)]
            await until(lambda: len(clients[1].heard) == 2)
            log.make_anew()
            log.tell(OTHER, 1)
            await until(lambda: all(errors.UNKNOWN_CURSOR in client.ends for client in clients))
            for client in clients:
                assert [each for each in client.heard if each[0] == ONE] == versions(ONE, 7)[
                    : len([each for each in client.heard if each[0] == ONE])
                ]
                await client.close()
            again = Client(hub, await hub.cursor()).open()
            log.tell(OTHER, 2)
            await until(lambda: (OTHER, 2) in again.heard)
            await again.close()

    explore(scenario)


@pytest.mark.parametrize("most_recent", [1, 5000])
def test_the_topic_gets_more_partitions(monkeypatch: pytest.MonkeyPatch, most_recent: int) -> None:
    monkeypatch.setattr(feed, "MAX_RECENT", most_recent)

    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start = await hub.cursor()
            log.tell(ONE, 1, 2, 3)
            listens, catches_up = Client(hub, start).open(), Client(hub, start, takes_s=1).open()
            log.grow(3)
            log.tell(ONE, 3, 4, 5, partition=2)  # an order's newer versions are in another partition from now on
            log.tell(OTHER, 1, partition=1)
            comes_back = Client(hub, start).open()
            all_there_is = [*versions(ONE, 5), (OTHER, 1)]
            for client in (listens, catches_up, comes_back):
                await client.hears(*all_there_is)
                assert client.ends == []
                await client.close()
            log.tell(ONE, 6, partition=2)
            await comes_back.open().hears(*all_there_is, (ONE, 6))
            await comes_back.close()

    explore(scenario)


def test_a_cursor_of_a_partition_that_is_not_known_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            log.grow(2)
            log.tell(ONE, 1, 2, partition=1)
            client = Client(hub, "WyJjaGFuZ2VzIiwwLDFd").open()  # which another gateway gave out
            await client.hears((ONE, 2))
            assert errors.BAD_USER_INPUT not in client.ends
            await client.close()

    explore(scenario)


def test_without_a_topic_there_is_no_cursor_and_with_it_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch, partitions=0)
        async with a_hub(has_read=False) as hub:
            with pytest.raises(Refusal, match="stream of changes is unavailable"):
                await hub.cursor()
            client = Client(hub, None).open()
            await until(lambda: errors.UNAVAILABLE in client.ends)
            await client.close()
            log.grow(2)
            await hub.feed.has_caught_up.wait()
            start = await hub.cursor()
            assert stream_cursor.read(start, "changes") == [0, 0]
            client = Client(hub, start).open()
            log.tell(ONE, 1, partition=1)
            await client.hears((ONE, 1))
            await client.close()

    explore(scenario)


def test_a_store_that_is_slow_keeps_nobody_who_does_not_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log, loaders = a_log(monkeypatch), Loaders()
        loaders.takes_s = 10
        async with a_hub(loaders) as hub:
            start, loop = await hub.cursor(), asyncio.get_running_loop()
            needs_it, does_not = Client(hub, start, WITH_CUSTOMERS).open(), Client(hub, start).open()
            began = loop.time()
            log.tell(ONE, 1, 2, 3, 4)
            await does_not.hears(*versions(ONE, 4))
            assert loop.time() - began < loaders.takes_s
            await needs_it.hears(*versions(ONE, 4))
            for client in (needs_it, does_not):
                await client.close()

    explore(scenario)


def test_one_whose_buffer_is_full_comes_back_and_has_lost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub(buffer=2) as hub:
            start = await hub.cursor()
            slow, quick = Client(hub, start, takes_s=3).open(), Client(hub, start).open()
            for version in range(1, 9):
                log.tell(ONE, version)
                await quick.hears(*versions(ONE, version))
            await slow.hears(*versions(ONE, 8))
            for client in (slow, quick):
                await client.close()

    explore(scenario)


def test_a_record_that_cannot_be_read_is_passed_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start = await hub.cursor()
            listens = Client(hub, start).open()
            log.tell(ONE, 1)
            log.put(b"{")
            log.put(b'{"id": "%s", "version": 2, "lines": 5}' % str(ONE).encode())
            log.tell(ONE, 3)
            for client in (listens, Client(hub, start).open()):
                await client.hears((ONE, 1), (ONE, 3))
                await client.close()

    explore(scenario)


@pytest.mark.usefixtures("everything_is_in_the_log")
def test_at_the_end_all_are_told_and_nobody_holds_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        log = a_log(monkeypatch)
        async with a_hub() as hub:
            start, loop = await hub.cursor(), asyncio.get_running_loop()
            log.tell(ONE, *range(1, 8))
            clients = [Client(hub, start, takes_s=takes_s).open() for takes_s in (0, 0.5, 1000)]
            await until(lambda: len(clients[0].heard) >= 3)
            log.tell(ONE, 8)
            ended = loop.time()
            await hub.end()
            late = Client(hub, start).open()
            await until(lambda: hub._subscribers == {})
            assert loop.time() - ended < 3
            for client in (*clients, late):
                await client.close()
        async with a_hub() as hub:
            for client in clients:
                await client.open(hub).hears(*versions(ONE, 8))
                await client.close()
        assert {end for client in (*clients, late) for end in client.ends} == {errors.UNAVAILABLE}

    explore(scenario)
