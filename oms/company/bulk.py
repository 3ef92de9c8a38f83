"""Sending many bodies as a bulk, and reading everything of an export: what was cut goes on where it was."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from chassis.retrying import attempts
from oms.company.northwind import Body
from oms.company.rest import Away, Refused, Rest, is_on_its_way, refused

Thing = TypeVar("Thing")

LINES_A_REQUEST = 1000


def slices(
    things: Iterable[Thing],
    size: int = LINES_A_REQUEST,
    weight: Callable[[Thing], int] = lambda _: 0,
    most: int = 1,
) -> Iterator[list[Thing]]:
    """The things in lists of `size`, the last one shorter, as is one that weighs `most` before it is so long."""
    some: list[Thing] = []
    weighed = 0
    for thing in things:
        some.append(thing)
        weighed += weight(thing)
        if len(some) == size or weighed >= most:
            yield some
            some, weighed = [], 0
    if some:
        yield some


async def each_answer(
    rest: Rest, service: str, path: str, bodies: Sequence[Body | bytes]
) -> AsyncIterator[Body | Refused]:
    """What the service says of each body, in their order, as it comes.

    While the service stumbles, what has no answer is sent again. Raises Away when it gave none for a while.
    """
    answered = 0
    async for _ in attempts(most_s=2.0):
        try:
            async with aclosing(_answers(rest, service, path, bodies[answered:])) as answers:
                async for answer in answers:
                    answered += 1
                    if not is_on_its_way(answer):
                        rest.patience.went_on()
                    yield answer
            return
        except Away as error:
            rest.patience.waits(error)


async def everything(
    rest: Rest, service: str, path: str, key: Callable[[Body], str], after: str | None, **parameters: str
) -> AsyncIterator[Body]:
    """All that an export shows after a key; what is in several lines is put together.

    While the service stumbles, what follows the last whole one is asked for again. Raises Away when none came for a
    while.
    """
    async for _ in attempts(most_s=2.0):
        try:
            async with aclosing(rest.get_lines(service, path, after=after, **parameters)) as lines:
                async for whole in _put_together(lines, key):
                    after = key(whole)
                    rest.patience.went_on()
                    yield whole
            return
        except Away as error:
            rest.patience.waits(error)


async def _answers(
    rest: Rest, service: str, path: str, bodies: Sequence[Body | bytes]
) -> AsyncGenerator[Body | Refused]:
    is_whole = not bodies
    async with aclosing(rest.post_lines(service, path, bodies)) as lines:
        async for line in lines:
            if "line" in line:
                yield refused(line["status"], line["problem"]) if "problem" in line else line
            elif "problem" in line:
                raise Away(f"{service} cannot serve at the moment: {line['problem']['detail']}")
            else:
                is_whole = True
    if not is_whole:
        raise Away(f"{service} broke off its answer")


async def _put_together(lines: AsyncIterator[Any], key: Callable[[Body], str]) -> AsyncIterator[Body]:
    whole: Body | None = None
    async for line in lines:
        if whole is not None and key(whole) == key(line):
            whole["addresses"] += line["addresses"]
            continue
        if whole is not None:
            yield whole
        whole = line
    if whole is not None:
        yield whole
