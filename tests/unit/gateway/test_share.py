"""One request of many statements leaves connections to others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.shop.share import MAX_CONNECTIONS, Share


class Slow:
    """A read model whose statements end when they are allowed to; it knows how many run."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.may_end = asyncio.Event()

    async def fetch(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.may_end.wait()
        finally:
            self.running -= 1
        return [statement]

    async def fetchval(self, statement: str, parameters: Sequence[Any]) -> Any:
        [found] = await self.fetch(statement, parameters)
        return found


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_few_statements_of_a_request_run_at_once() -> None:
    slow = Slow()
    share = Share(slow)
    work = [asyncio.create_task((share.fetch, share.fetchval)[n % 2](str(n), ())) for n in range(30)]

    await settle()
    assert slow.running == MAX_CONNECTIONS
    slow.may_end.set()
    results: list[Any] = await asyncio.gather(*work)

    assert results == [str(n) if n % 2 else [str(n)] for n in range(30)]
    assert slow.most == MAX_CONNECTIONS


async def test_a_cancelled_statement_leaves_its_place_to_the_next() -> None:
    slow = Slow()
    share = Share(slow)
    work: list[asyncio.Task[Any]] = [asyncio.create_task(share.fetch(str(n), ())) for n in range(MAX_CONNECTIONS + 1)]
    await settle()

    work[0].cancel()
    await settle()
    assert slow.running == MAX_CONNECTIONS
    slow.may_end.set()

    assert await work[-1] == [str(MAX_CONNECTIONS)]


async def test_requests_have_shares_of_their_own() -> None:
    slow = Slow()
    one, other = Share(slow), Share(slow)
    work = [asyncio.create_task(each.fetch("", ())) for each in (one, other) for _ in range(10)]

    await settle()

    assert slow.running == 2 * MAX_CONNECTIONS
    slow.may_end.set()
    await asyncio.gather(*work)
