"""Reading a company's files: JSON objects, one a line, in UTF-8. A wrong line is noted with its place, and passed."""

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
class Place:
    """A line of a file; lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line, or why a service refused it."""

    place: Place
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


OnFault = Callable[[Fault], None]


def entries(
    file: Path,
    kind: type[Entry],
    key: Callable[[Entry], object],
    on_fault: OnFault = lambda _: None,
    decode: Callable[[bytes], Entry] | None = None,
) -> Iterator[tuple[Place, Entry]]:
    """Each line of `file` as a `kind`, and where it stands. Empty lines are skipped; no file has no lines.

    `on_fault` hears of each line that is no such object, and of one whose `key` an earlier line has.
    """
    decode = decode or msgspec.json.Decoder(kind).decode
    first_lines: dict[object, int] = {}
    if not file.is_file():
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            place, text = Place(file.name, number), line.removeprefix(BOM_UTF8).strip()
            if not text:
                continue
            try:
                entry = decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                on_fault(Fault(place, _said(error)))
                continue
            first = first_lines.setdefault(key(entry), number)
            if first != number:
                on_fault(Fault(place, f"{key(entry)} is in line {first} already"))
                continue
            yield place, entry


def count_lines(file: Path) -> int:
    """How many lines of `file` are not empty."""
    if not file.is_file():
        return 0
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


_WITH_PATH = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def _said(error: Exception) -> str:
    """What msgspec says, with a JSON pointer in place of its own path."""
    match = _WITH_PATH.fullmatch(str(error))
    assert match is not None, "every part of it may be empty"
    pointer = (match["path"] or "").replace("[", ".").replace("]", "").replace(".", "/")
    if unknown := _UNKNOWN.fullmatch(match["what"]):
        return f"#{pointer}/{unknown[1]} is no member of this line"
    return f"#{pointer} {match['what']}" if pointer else match["what"]
