"""POST of JSON lines with one result per line, streamed in both directions: any number of lines in constant memory.

Each line is safe to retry, so an interrupted request is sent again from the first line without a result. Lines are
written in batches, each in a transaction; a result says that its line is durable.
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
from chassis.http.errors.problem_responses import encode_problem, problem_body, validation_problem
from chassis.http.errors.problems import Problem, Unavailable
from chassis.logs import logger

log = logger(__name__)

Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True)
class LineResult:
    """The result of a line that was written now or before; `facts` are members of its result line."""

    status: HTTPStatus
    facts: dict[str, Any]
    is_update: bool = False


Outcome = LineResult | Problem

Write = Callable[[Sequence[Entry]], Awaitable[Sequence[Outcome]]]
"""Writes entries and returns the outcome of each, in order. Raises Unavailable if all may be rolled back."""


@dataclass
class Bulk(Generic[Entry]):
    """One POST of lines, each of which is an `entry`."""

    request: Request
    entry: TypeAdapter[Entry]
    write: Write[Entry]
    most_line_bytes: int = MOST_LINE_BYTES
    _counts: Counter[str] = field(default_factory=Counter)

    def answer(self) -> StreamingResponse:
        """The response, which reads the request while it is sent."""
        return _DuplexResponse(self._results())

    async def _results(self) -> AsyncGenerator[bytes]:
        splitter = Splitter(self.most_line_bytes)
        try:
            async for batch in batches(splitter, self.request.stream()):
                yield b"".join(await self._process(batch))
        except ClientDisconnect:
            log.info("bulk aborted by client", lines=splitter.number, **self._counts)
            return
        except Unavailable as error:
            if not self._counts:
                raise
            log.warning("dependency unavailable", reason=repr(error.__cause__ or error))
            yield _line({"status": error.status, "problem": problem_body(error, self.request)})
            return
        names = ("made", "updated", "unchanged", "refused")
        tally = {name: self._counts[name] for name in names if name != "updated" or self._counts[name]}
        yield _line({"lines": splitter.number, **tally})
        log.info("bulk finished", lines=splitter.number, **tally)

    async def _process(self, batch: Iterable[Line]) -> list[bytes]:
        outcomes: dict[int, Outcome] = {}
        entries: dict[int, Entry] = {}
        for line in batch:
            try:
                entries[line.number] = self._read(line)
            except Problem as problem:
                outcomes[line.number] = problem
        if entries:
            outcomes |= zip(entries, await self.write(list(entries.values())), strict=True)
        return [self._result(number, outcomes[number]) for number in sorted(outcomes)]

    def _read(self, line: Line) -> Entry:
        try:
            return self.entry.validate_python(line.value(), from_attributes=True)  # as FastAPI does
        except ValidationError as error:
            faults = [{**fault, "loc": ("body", *place_in_line(fault["loc"]))} for fault in error.errors()]
            raise validation_problem(faults) from error

    def _result(self, number: int, outcome: Outcome) -> bytes:
        if isinstance(outcome, Problem):
            self._counts["refused"] += 1
            problem = problem_body(outcome, self.request)
            return _line({"line": number, "status": outcome.status, "problem": problem})
        done = "made" if outcome.status is HTTPStatus.CREATED else "updated" if outcome.is_update else "unchanged"
        self._counts[done] += 1
        updated = {"updated": True} if outcome.is_update else {}
        return _line({"line": number, "status": outcome.status, **outcome.facts, **updated})


class _DuplexResponse(StreamingResponse):
    """Starts with the first result, so that a problem of the whole request can still be the response.

    Starlette's own class detects disconnects by reading the request, which is read here for its lines.
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
