"""Reads a company's files: one JSON object per line, in UTF-8. Invalid lines are reported and skipped."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

Entry = TypeVar("Entry", bound=msgspec.Struct)


@dataclass(frozen=True)
class Position:
    """A line of a file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class LineError:
    """Why a line is invalid, or why a service refused it."""

    position: Position
    detail: str

    def __str__(self) -> str:
        return f"{self.position}: {self.detail}"


OnError = Callable[[LineError], None]


def entries(
    file: Path,
    kind: type[Entry],
    key: Callable[[Entry], object],
    on_error: OnError = lambda _: None,
    decode: Callable[[bytes], Entry] | None = None,
) -> Iterator[tuple[Position, Entry]]:
    """Each line of `file` as a `kind`, with its position. Empty lines are skipped; a missing file has no lines.

    `on_error` is called for each line that cannot be decoded, and for one whose `key` an earlier line has.
    """
    decode = decode or msgspec.json.Decoder(kind).decode
    first_lines: dict[object, int] = {}
    if not file.is_file():
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            position, text = Position(file.name, number), line.removeprefix(BOM_UTF8).strip()
            if not text:
                continue
            try:
                entry = decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                on_error(LineError(position, _detail(error)))
                continue
            first = first_lines.setdefault(key(entry), number)
            if first != number:
                on_error(LineError(position, f"{key(entry)} is in line {first} already"))
                continue
            yield position, entry


def count_lines(file: Path) -> int:
    """How many lines of `file` are not empty."""
    if not file.is_file():
        return 0
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


_WITH_PATH = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def _detail(error: Exception) -> str:
    """The text of msgspec's error, with a JSON pointer in place of its own path."""
    match = _WITH_PATH.fullmatch(str(error))
    assert match is not None, "every part of it may be empty"
    pointer = (match["path"] or "").replace("[", ".").replace("]", "").replace(".", "/")
    if unknown := _UNKNOWN.fullmatch(match["what"]):
        return f"#{pointer}/{unknown[1]} is not a member of this line"
    return f"#{pointer} {match['what']}" if pointer else match["what"]
