"""Many waits of the same length, ended by one timer."""

from __future__ import annotations

import asyncio

from chassis.databases.deadlines import Deadlines
from tests.support.eventually import eventually


async def test_who_is_not_done_in_time_is_called_in_turn() -> None:
    deadlines, loop = Deadlines(0.02), asyncio.get_running_loop()
    ended: list[int] = []
    begun = [deadlines.begin(loop, lambda number=number: ended.append(number)) for number in range(5)]  # type: ignore[misc]
    begun[0].cancel()
    begun[3].cancel()

    def all_are_over() -> None:
        assert ended == [1, 2, 4]

    await eventually(all_are_over)


async def test_who_comes_after_all_others_have_ended_is_called_too() -> None:
    deadlines, loop = Deadlines(0.02), asyncio.get_running_loop()
    for _ in range(3):
        over = asyncio.Event()
        deadlines.begin(loop, over.set)
        await over.wait()


async def test_one_callback_that_fails_does_not_keep_the_others() -> None:
    deadlines, loop = Deadlines(0.01), asyncio.get_running_loop()
    told: list[object] = []
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    over = asyncio.Event()

    def fail() -> None:
        raise RuntimeError("a bug")

    deadlines.begin(loop, fail)
    deadlines.begin(loop, over.set)
    await over.wait()

    assert [type(each) for each in told] == [RuntimeError]
