"""What an operation may cost at most, predicted: how many objects its answer can have, before anything of it runs.

A page counts with its size, any other list as 10 entries; what only describes a value, a scalar, is free. The size of a
page may be a variable's: then the cost is a sum in which that page is left open until the variables are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.fields.paging import MOST

LIST = 10
"""How many entries a list without pages counts as."""

COUNTING = 100
"""What `totalCount` costs: the rows of all pages are counted."""

INTROSPECTION = 10
"""So many parts of the schema cost as much as one object: they are in memory."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """A size that variables say, each with its own default or None; `default` when none of them says one.

    Of several that say one the greatest counts.
    """

    variables: tuple[tuple[str, int | None], ...]
    default: int

    def among(self, variables: Mapping[str, Any]) -> int:
        """The size with these variables; what does not fit counts as the most, and is refused when it runs."""
        sizes = [_size(variables.get(name), default) for name, default in self.variables]
        return max((size for size in sizes if size is not None), default=self.default)


def _size(given: Any, default: int | None) -> int | None:
    if given is None:
        return default
    if isinstance(given, list):
        return len(given)
    return given if isinstance(given, int) and 0 <= given <= MOST else MOST


@dataclass(slots=True, eq=False)
class Cost:
    """`constant`, and for each page of open size how often it is there: its size times what one entry costs."""

    constant: int = 0
    pages: dict[tuple[PageSize, Cost], int] = field(default_factory=dict)

    def add(self, other: Cost) -> None:
        """Count `other` in."""
        self.constant += other.constant
        for page, times in other.pages.items():
            self.pages[page] = self.pages.get(page, 0) + times

    def times(self, size: int | PageSize) -> Cost:
        """That of a page of which each entry has this cost."""
        if isinstance(size, PageSize):
            return Cost(0, {(size, self): 1})
        return Cost(self.constant * size, {page: times * size for page, times in self.pages.items()})

    def among(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables. A part that many fragments share is worked out once."""
        if not self.pages:
            return self.constant
        return self._among(variables, {})

    def _among(self, variables: Mapping[str, Any], known: dict[int, int]) -> int:
        if id(self) not in known:
            known[id(self)] = self.constant + sum(
                times * size.among(variables) * entry._among(variables, known)
                for (size, entry), times in self.pages.items()
            )
        return known[id(self)]


def sum_of(costs: Iterator[Cost]) -> Cost:
    """All of them together."""
    together = Cost()
    for each in costs:
        together.add(each)
    return together
