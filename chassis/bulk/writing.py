"""Writes many entries in few transactions while other clients may write the same keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import pymysql

from chassis.bulk.bulk import Outcome
from chassis.databases.mysql import DUPLICATE, LockConflict

Entry = TypeVar("Entry")

Write = Callable[[Sequence[Entry]], Awaitable[Sequence[Outcome]]]
"""Writes entries with distinct keys in one transaction and returns the outcome of each, in order."""

_TRIES_TOGETHER = 3
_TRIES_ALONE = 5


async def write_together(entries: Sequence[Entry], key: Callable[[Entry], str], write: Write[Entry]) -> list[Outcome]:
    """The outcome of each entry. After a conflict, `write` is called again: with all entries, then with each alone.

    Entries with the same key are written one after the other, in order. Raises what `write` raises.
    """
    outcomes: dict[int, Outcome] = {}
    for turn in turns([key(entry) for entry in entries]):
        outcomes |= zip(turn, await _write_turn([entries[index] for index in turn], write), strict=True)
    return [outcomes[index] for index in range(len(entries))]


def turns(keys: Sequence[str]) -> list[list[int]]:
    """The indexes of the keys in groups, none of which has a key twice."""
    found: list[list[int]] = []
    seen: dict[str, int] = {}
    for index, key in enumerate(keys):
        turn = seen[key] = seen.get(key, -1) + 1
        if turn == len(found):
            found.append([])
        found[turn].append(index)
    return found


async def _write_turn(entries: Sequence[Entry], write: Write[Entry]) -> Sequence[Outcome]:
    try:
        return await _again(entries, write, _TRIES_TOGETHER)
    except LockConflict:
        return [(await _again([entry], write, _TRIES_ALONE))[0] for entry in entries]


async def _again(entries: Sequence[Entry], write: Write[Entry], tries: int) -> Sequence[Outcome]:
    for tries_left in reversed(range(tries)):
        try:
            return await write(entries)
        except LockConflict:
            if not tries_left:
                raise
        except pymysql.err.IntegrityError as error:
            if error.args[0] != DUPLICATE:
                raise
            if not tries_left:
                raise LockConflict("the database") from error
    raise AssertionError("the last try returns or raises")
