"""Work in portions: a transaction has a time limit, which a busy machine may reach. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

MOST_AT_ONCE = 200
"""Orders or holds in one transaction, under one lock of their availability."""

MOST_LINES = 600
"""Their lines in one transaction, unless a single order or hold has more."""


def portions(sized: Iterable[tuple[Item, int]]) -> Iterator[list[Item]]:
    """Orders or holds, each with the number of its lines, in the sequence in which they come."""
    portion: list[Item] = []
    lines = 0
    for item, its_lines in sized:
        if portion and (len(portion) >= MOST_AT_ONCE or lines + its_lines > MOST_LINES):
            yield portion
            portion, lines = [], 0
        portion.append(item)
        lines += its_lines
    if portion:
        yield portion
