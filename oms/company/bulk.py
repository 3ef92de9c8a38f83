"""Bulk requests and complete exports over REST; an interrupted one continues where it stopped."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from chassis.retrying import attempts
from oms.company.errors import RequestRefused, ServiceUnavailable, is_not_yet_known, refusal_of_problem
from oms.company.lines.base import Body
from oms.company.rest import Rest

Item = TypeVar("Item")

LINES_PER_REQUEST = 1000


def slices(
    items: Iterable[Item],
    size: int = LINES_PER_REQUEST,
    weight: Callable[[Item], int] = lambda _: 0,
    max_weight: int = 1,
) -> Iterator[list[Item]]:
    """The items in lists of `size` or less: a list also ends when its weight reaches `max_weight`."""
    current: list[Item] = []
    total = 0
    for item in items:
        current.append(item)
        total += weight(item)
        if len(current) == size or total >= max_weight:
            yield current
            current, total = [], 0
    if current:
        yield current


async def each_answer(
    rest: Rest, service: str, path: str, bodies: Sequence[Body | bytes]
) -> AsyncIterator[Body | RequestRefused]:
    """The answer to each body, in their order, as it arrives.

    After a temporary error, bodies without an answer are sent again. Raises ServiceUnavailable after the timeout.
    """
    answered = 0
    async for _ in attempts(most_s=2.0):
        try:
            async with aclosing(_answers(rest, service, path, bodies[answered:])) as answers:
                async for answer in answers:
                    answered += 1
                    if not is_not_yet_known(answer):
                        rest.timeout.progressed()
                    yield answer
            return
        except ServiceUnavailable as error:
            rest.timeout.retry_or_raise(error)


async def exported_objects(
    rest: Rest, service: str, path: str, key: Callable[[Body], str], after: str | None, **parameters: str
) -> AsyncIterator[Body]:
    """Everything an export has after a key; an object that spans several lines is merged.

    After a temporary error, the export continues after the last complete object. Raises ServiceUnavailable after the
    timeout.
    """
    async for _ in attempts(most_s=2.0):
        try:
            async with aclosing(rest.get_lines(service, path, after=after, **parameters)) as lines:
                async for whole in _merged(lines, key):
                    after = key(whole)
                    rest.timeout.progressed()
                    yield whole
            return
        except ServiceUnavailable as error:
            rest.timeout.retry_or_raise(error)


async def _answers(
    rest: Rest, service: str, path: str, bodies: Sequence[Body | bytes]
) -> AsyncGenerator[Body | RequestRefused]:
    is_complete = not bodies
    async with aclosing(rest.post_lines(service, path, bodies)) as lines:
        async for line in lines:
            if "line" in line:
                yield refusal_of_problem(line["status"], line["problem"]) if "problem" in line else line
            elif "problem" in line:
                raise ServiceUnavailable(f"{service} is unavailable: {line['problem']['detail']}")
            else:
                is_complete = True
    if not is_complete:
        raise ServiceUnavailable(f"{service} ended its response early")


async def _merged(lines: AsyncIterator[Any], key: Callable[[Body], str]) -> AsyncIterator[Body]:
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
