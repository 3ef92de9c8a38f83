"""JSON without what RFC 8259 leaves undefined: members that are given twice, NaN and infinite numbers.

Python's parser takes the last of two members, where another one takes the first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

Pairs = list[tuple[str, Any]]


class DuplicateMember(ValueError):
    """A member is given twice. `path` is its place in the value."""

    def __init__(self, path: tuple[str | int, ...]) -> None:
        super().__init__(path)
        self.path = path


class _Object(list[tuple[str, Any]]):
    """The members of an object as they are written, for the place of a duplicate."""


def read(text: str | bytes) -> Any:
    """The value. Raises DuplicateMember, and ValueError or RecursionError for any other invalid JSON."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except DuplicateMember as error:
        written = json.loads(text, object_pairs_hook=_Object)
        raise DuplicateMember(next(_duplicates(written))) from error


def is_long_number(error: BaseException | None) -> bool:
    """Whether Python's parser refused an integer for its number of digits: the JSON is valid."""
    return type(error) is ValueError and str(sys.get_int_max_str_digits()) in str(error)


def _unique(pairs: Pairs) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DuplicateMember(())
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _duplicates(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, _Object):
        seen = set()
        for name, _ in value:
            if name in seen:
                yield (*path, name)
            seen.add(name)
        for name, each in value:
            yield from _duplicates(each, (*path, name))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _duplicates(each, (*path, at))
