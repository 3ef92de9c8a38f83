"""Reads JSON lines in UTF-8 from a stream that is split into arbitrary parts."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chassis.http.content import strict_json
from chassis.http.content.body_contents import LONG_NUMBER, duplicate_member
from chassis.http.errors.problem_responses import validation_problem
from chassis.http.errors.problems import Problem

MEDIA_TYPE = "application/x-ndjson"

MOST_LINE_BYTES = 262_144
"""Enough for any product with texts of maximum length in any script."""

BATCH_LINES = 500
BATCH_BYTES = 1_048_576


@dataclass(frozen=True)
class Line:
    """A line that is not blank, numbered from 1. `text` is None if it is too long."""

    number: int
    text: bytes | None
    most_bytes: int = MOST_LINE_BYTES

    def value(self) -> Any:
        """The value of the line. Raises the problem of a request with this body."""
        if self.text is None:
            raise Problem(413, "body-too-large", f"The line is larger than {self.most_bytes} bytes.")
        try:
            return strict_json.read(self.text.decode())
        except UnicodeDecodeError as error:
            raise Problem(400, "bad-request", "The line must be JSON in UTF-8.") from error
        except strict_json.DuplicateMember as error:
            raise validation_problem([duplicate_member(error)]) from error
        except (ValueError, RecursionError) as error:
            if strict_json.is_long_number(error):
                raise Problem(400, "bad-request", LONG_NUMBER.format("line")) from error
            raise Problem(400, "not-json", "The line is not valid JSON.") from error


class Splitter:
    """Splits parts into lines. Buffers at most one incomplete line, and nothing of one that is too long."""

    def __init__(self, most_bytes: int = MOST_LINE_BYTES) -> None:
        self.number = 0
        self._most_bytes = most_bytes
        self._incomplete = bytearray()
        self._is_too_long = False

    def feed(self, part: bytes) -> Iterator[Line]:
        """The lines that end in this part."""
        *ends, rest = part.split(b"\n")
        for end in ends:
            self._add(end)
            yield from self._line()
        self._add(rest)

    def end(self) -> Iterator[Line]:
        """The last line, if it has no line break."""
        if self._incomplete or self._is_too_long:
            yield from self._line()

    def _add(self, piece: bytes) -> None:
        if self._is_too_long or len(self._incomplete) + len(piece) > self._most_bytes:
            self._is_too_long = True
            self._incomplete.clear()
        else:
            self._incomplete += piece

    def _line(self) -> Iterator[Line]:
        self.number += 1
        text = bytes(self._incomplete).strip()
        if self.number == 1:
            text = text.removeprefix(BOM_UTF8).strip()
        if self._is_too_long:
            yield Line(self.number, None, self._most_bytes)
        elif text:
            yield Line(self.number, text)
        self._incomplete.clear()
        self._is_too_long = False


async def batches(splitter: Splitter, stream: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """The lines in batches: a part of the stream is what arrived while the previous batch was processed.

    A client that sends line by line gets results line by line, and a fast client is read in full batches.
    """
    async for part in stream:
        for batch in cut(splitter.feed(part)):
            yield batch
    for batch in cut(splitter.end()):
        yield batch


def cut(lines: Iterable[Line], most_lines: int = BATCH_LINES, most_bytes: int = BATCH_BYTES) -> Iterator[list[Line]]:
    """Batches of at most `most_lines` lines, which end early once they have `most_bytes`."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text or b"")
        if len(batch) >= most_lines or size >= most_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
