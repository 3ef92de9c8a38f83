"""Reading JSON lines from a stream: one object a line, in UTF-8, however the stream is torn into parts."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chassis.http.problems import Problem

MEDIA_TYPE = "application/x-ndjson"

MOST_LINE_BYTES = 262_144
"""What fits any product, with each of its texts as long as can be, in any script."""

BATCH_LINES = 500
BATCH_BYTES = 1_048_576


@dataclass(frozen=True)
class Line:
    """One line that is not blank; lines count from 1. `text` is None when it is too long."""

    number: int
    text: bytes | None
    most_bytes: int = MOST_LINE_BYTES

    def value(self) -> Any:
        """What the line says. Raises the Problem that a request with such a body gets."""
        if self.text is None:
            raise Problem(413, "body-too-large", f"the line has more than {self.most_bytes} bytes")
        try:
            return json.loads(self.text.decode())
        except UnicodeDecodeError as error:
            raise Problem(400, "bad-request", "the line cannot be read: it must be JSON in UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise Problem(400, "not-json", "the line is not JSON") from error


class Splitter:
    """Makes lines of parts. Never holds more than one torn line, and of one that is too long nothing."""

    def __init__(self, most_bytes: int = MOST_LINE_BYTES) -> None:
        self.number = 0
        self._most_bytes = most_bytes
        self._torn = bytearray()
        self._is_too_long = False

    def feed(self, part: bytes) -> Iterator[Line]:
        """The lines that end in this part."""
        *ends, rest = part.split(b"\n")
        for end in ends:
            self._add(end)
            yield from self._line()
        self._add(rest)

    def end(self) -> Iterator[Line]:
        """The last line, when nothing ended it but the end of the stream."""
        if self._torn or self._is_too_long:
            yield from self._line()

    def _add(self, piece: bytes) -> None:
        if self._is_too_long or len(self._torn) + len(piece) > self._most_bytes:
            self._is_too_long = True
            self._torn.clear()
        else:
            self._torn += piece

    def _line(self) -> Iterator[Line]:
        self.number += 1
        text = bytes(self._torn).strip()
        if self.number == 1:
            text = text.removeprefix(BOM_UTF8).strip()
        if self._is_too_long:
            yield Line(self.number, None, self._most_bytes)
        elif text:
            yield Line(self.number, text)
        self._torn.clear()
        self._is_too_long = False


async def batches(splitter: Splitter, stream: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """The lines by batches, each at once: a part of the stream is what came while the batch before was worked on.

    So who sends line by line gets answers line by line, and who sends as fast as can be is read by full batches.
    """
    async for part in stream:
        for batch in cut(splitter.feed(part)):
            yield batch
    for batch in cut(splitter.end()):
        yield batch


def cut(lines: Iterable[Line], most_lines: int = BATCH_LINES, most_bytes: int = BATCH_BYTES) -> Iterator[list[Line]]:
    """Batches of at most so many lines, ended early by the line that makes them `most_bytes` long."""
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
