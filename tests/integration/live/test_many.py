"""Thousands of subscribers on one process: each hears each change."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from tests.support.live.clients import changes, document, now, socket, subscribe, tell
from tests.support.system.processes import process
from tests.support.views.read_model import empty_read_model

pytestmark = pytest.mark.drill

SUBSCRIBERS = 5000
AT_ONCE = 100


@pytest.fixture
def _many_files() -> Iterator[None]:
    """A file for each socket, here and in the gateway, which is started from here."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("_many_files")
async def test_each_of_many_subscribers_hears_each_change() -> None:
    order = uuid4()
    async with empty_read_model(), process("gateway"), AsyncExitStack() as stack:
        after = await now()
        sockets = []
        for _ in range(0, SUBSCRIBERS, AT_ONCE):
            sockets += await asyncio.gather(*(stack.enter_async_context(socket()) for _ in range(AT_ONCE)))
        for each in sockets:
            await subscribe(each, after=after)
        for version in (1, 2, 3):
            await tell(document(order, version))
            heard = await asyncio.gather(*(changes(each, 1) for each in sockets))
            assert {change["version"] for [change] in heard} == {version}
