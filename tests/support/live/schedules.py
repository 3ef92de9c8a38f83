"""Explores in which orders concurrent tasks may run: an event loop without a clock, whose schedule a test decides.

Whatever is ready runs in the order in which it became so, but for some steps at which the first is postponed behind all
others ("delay-bounded scheduling", Emmi, Qadeer and Rakamarić, POPL 2011): each one delay is tried, and many sets of
several by a seed. Timers never run while anything is ready, and take no time. The same schedule runs the same always.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterator
from typing import Any

Scenario = Callable[[], Coroutine[Any, Any, None]]

MOST_STEPS = 100_000
"""A schedule that takes more goes on for ever."""


class Stuck(AssertionError):
    """Nothing is ready and nothing ever will be, or it goes round in circles."""


class _Ready(deque[Any]):
    """What is ready to run. Counts the steps, and those at which there was a choice."""

    def __init__(self, delays: Collection[int]) -> None:
        super().__init__()
        self.steps = 0
        self.choices: list[int] = []
        self._delays = delays

    def popleft(self) -> Any:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Stuck("too many steps")
        if len(self) > 1:
            self.choices.append(self.steps)
            if self.steps in self._delays:
                self.append(super().popleft())
        return super().popleft()


class _Clock:
    """In the place of the network: when nothing is ready it is the time of the next timer at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck("nobody can go on")
        self.now += timeout
        return []


class _Loop(asyncio.BaseEventLoop):
    def __init__(self, delays: Collection[int]) -> None:
        super().__init__()
        self.ready = _Ready(delays)
        self.clock = _Clock()
        self.problems: list[dict[str, Any]] = []
        self._ready = self.ready
        self._selector = self.clock
        self.set_exception_handler(lambda _, problem: self.problems.append(problem))

    def time(self) -> float:
        return self.clock.now

    def _process_events(self, _: list[Any]) -> None:
        pass


def run(scenario: Scenario, delays: Collection[int] = ()) -> list[int]:
    """Run by one schedule; the steps at which there was a choice. Raises AssertionError when a task is left."""
    loop = _Loop(delays)
    try:
        loop.run_until_complete(scenario())
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        assert left == [], "tasks that go on"
        assert loop.problems == []
        return loop.ready.choices
    finally:
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()


def explore(scenario: Scenario, *, singles: int = 60, several: int = 40) -> None:
    """Run by many schedules: up to so many with one delay, spread over all steps, and with several. Raises Stuck, or
    what the scenario raises, with the schedule beside it."""
    choices = run(scenario)
    for delays in _schedules(choices, singles, several):
        try:
            run(scenario, delays)
        except BaseException as error:
            error.add_note(f"with delays at the steps {sorted(delays)}")
            raise


def _schedules(choices: list[int], singles: int, several: int) -> Iterator[set[int]]:
    stride = max(1, len(choices) // singles)
    for step in choices[::stride]:
        yield {step}
    by_chance = random.Random(1)
    for _ in range(several):
        share = by_chance.choice((0.02, 0.1, 0.3, 0.5))
        yield {step for step in range(2 * choices[-1]) if by_chance.random() < share}
