"""POST of JSON lines, answered line by line while they come: any number of lines in constant memory.

Each line is safe to repeat, so a bulk that was cut is sent again from the first line that has no answer. Lines are
written by batches, a transaction each; an answer says that its line is durable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from chassis.bulk.json_lines import MEDIA_TYPE, MOST_LINE_BYTES, Line, Splitter, batches
from chassis.bulk.read_ahead import read_ahead
from chassis.bulk.stored import place_in_line
from chassis.http.problem_responses import encode_problem, problem_body, validation_problem
from chassis.http.problems import Problem, Unavailable
from chassis.logs import logger

log = logger(__name__)

Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True)
class LineResult:
    """A line that was done, or was done before; `facts` are told in its answer."""

    status: HTTPStatus
    facts: dict[str, Any]
    is_update: bool = False


Outcome = LineResult | Problem

Write = Callable[[Sequence[Entry]], Awaitable[Sequence[Outcome]]]
"""Writes some entries and says what became of each, in their order. Raises Unavailable when all may be undone."""


@dataclass
class Bulk(Generic[Entry]):
    """One POST of lines, each of which says an `entry`."""

    request: Request
    entry: TypeAdapter[Entry]
    write: Write[Entry]
    most_line_bytes: int = MOST_LINE_BYTES
    _counts: Counter[str] = field(default_factory=Counter)

    def answer(self) -> StreamingResponse:
        """The answer, which reads the request as it goes."""
        return _TwoWay(self._answers())

    async def _answers(self) -> AsyncGenerator[bytes]:
        splitter = Splitter(self.most_line_bytes)
        try:
            async for batch in batches(splitter, self.request.stream()):
                yield b"".join(await self._answered(batch))
        except ClientDisconnect:
            log.info("bulk cut by its client", lines=splitter.number, **self._counts)
            return
        except Unavailable as away:
            if not self._counts:
                raise
            log.warning("unavailable", reason=repr(away.__cause__ or away))
            yield _line({"status": away.status, "problem": problem_body(away, self.request)})
            return
        names = ("made", "updated", "unchanged", "refused")
        tally = {name: self._counts[name] for name in names if name != "updated" or self._counts[name]}
        yield _line({"lines": splitter.number, **tally})
        log.info("bulk", lines=splitter.number, **tally)

    async def _answered(self, batch: Iterable[Line]) -> list[bytes]:
        outcomes: dict[int, Outcome] = {}
        entries: dict[int, Entry] = {}
        for line in batch:
            try:
                entries[line.number] = self._read(line)
            except Problem as problem:
                outcomes[line.number] = problem
        if entries:
            outcomes |= zip(entries, await self.write(list(entries.values())), strict=True)
        return [self._told(number, outcomes[number]) for number in sorted(outcomes)]

    def _read(self, line: Line) -> Entry:
        try:
            return self.entry.validate_python(line.value(), from_attributes=True)  # as FastAPI does
        except ValidationError as error:
            faults = [{**fault, "loc": ("body", *place_in_line(fault["loc"]))} for fault in error.errors()]
            raise validation_problem(faults) from error

    def _told(self, number: int, outcome: Outcome) -> bytes:
        if isinstance(outcome, Problem):
            self._counts["refused"] += 1
            problem = problem_body(outcome, self.request)
            return _line({"line": number, "status": outcome.status, "problem": problem})
        done = "made" if outcome.status is HTTPStatus.CREATED else "updated" if outcome.is_update else "unchanged"
        self._counts[done] += 1
        updated = {"updated": True} if outcome.is_update else {}
        return _line({"line": number, "status": outcome.status, **outcome.facts, **updated})


class _TwoWay(StreamingResponse):
    """Starts with the first answer, so that a refusal of the whole can still be one.

    Starlette's own looks out for a client that has gone by reading the request, which is read here for its lines.
    """

    def __init__(self, parts: AsyncGenerator[bytes]) -> None:
        super().__init__(parts, media_type=MEDIA_TYPE)
        self._parts = parts

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        has_started = False
        async with aclosing(read_ahead(self._parts)) as parts:
            async for part in parts:
                if not has_started:
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                    has_started = True
                await send({"type": "http.response.body", "body": part, "more_body": True})
        if has_started:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _line(members: dict[str, Any]) -> bytes:
    return encode_problem(members) + b"\n"
