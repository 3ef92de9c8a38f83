"""The predicted maximum cost of an operation: the number of objects its answer can have.

A page counts with its size, any other list as 10 entries; scalars are free. When a variable gives the size of a page,
the cost is a sum in which that page is left open until the variables are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.fields.paging import MAX_SIZE

LIST = 10
"""The number of entries that a list without pages counts as."""

COUNTING = 100
"""The cost of `totalCount`: the rows of all pages are counted."""

COUNTING_ALL = 2000
"""The cost of `totalCount` of all orders or customers: counting 200,000 takes as long as 5,000 objects."""

SEARCHING = 500
"""The cost of a search for products. Within another object, each object of a page sends its own."""

INTROSPECTION = 10
"""This number of parts of the schema costs as much as one object: they are in memory."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """A size given by variables, each with its own default or None; `default` when none of them gives one.

    The greatest of several sizes counts.
    """

    variables: tuple[tuple[str, int | None], ...]
    default: int

    def among(self, variables: Mapping[str, Any]) -> int:
        """The size with these variables; an invalid one counts as the maximum, and is refused at execution."""
        sizes = [_size(variables.get(name), default) for name, default in self.variables]
        return max((size for size in sizes if size is not None), default=self.default)


def _size(given: Any, default: int | None) -> int | None:
    if given is None:
        return default
    if isinstance(given, list):
        return len(given)
    return given if isinstance(given, int) and 0 <= given <= MAX_SIZE else MAX_SIZE


@dataclass(slots=True, eq=False)
class Cost:
    """`constant`, plus each page of open size: its occurrences, times its size, times the cost of an entry."""

    constant: int = 0
    pages: dict[tuple[PageSize, Cost], int] = field(default_factory=dict)

    def add(self, other: Cost) -> None:
        """Add another cost."""
        self.constant += other.constant
        for page, times in other.pages.items():
            self.pages[page] = self.pages.get(page, 0) + times

    def times(self, size: int | PageSize) -> Cost:
        """The cost of a page whose entries have this cost."""
        if isinstance(size, PageSize):
            return Cost(0, {(size, self): 1})
        return Cost(self.constant * size, {page: times * size for page, times in self.pages.items()})

    def among(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables. A part that many fragments share is computed once."""
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
    """The sum of costs."""
    together = Cost()
    for each in costs:
        together.add(each)
    return together
