"""A row as one store has it, a range of rows, and what two stores say differently of a row. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from contracts.digests import Kind
from contracts.json_text import normalize_json_text

Values = Mapping[str, Any]


class Range(NamedTuple):
    """The rows whose key is behind `after`, up to and with `until`; open where there is None."""

    after: str | None = None
    until: str | None = None


class Digest(NamedTuple):
    """How many rows a range has, and the sum of their digests; -1 where some row has none."""

    rows: int
    total: int


@dataclass(frozen=True)
class Seen:
    """A row in one store: the highest version there, and its columns; None when it is marked as deleted."""

    version: int
    values: Values | None


class Store(Protocol):
    """One table in one store. All methods raise `Unavailable` while the store is away.

    `columns` are those it has of the table's, in the order in which a row's digest takes them.
    """

    name: str
    columns: Mapping[str, Kind]

    async def jump(self, within: Range, rows: int) -> str | None:
        """The key of the range's row of this number, counted from 1; None where there are fewer."""

    async def digest(self, within: Range) -> Digest:
        """The rows of the range, deleted ones left out, told in two numbers that the store itself makes."""

    async def rows(self, within: Range) -> dict[str, Seen]:
        """The rows of a small range by their key, deleted ones left out."""

    async def rows_of(self, keys: Sequence[str]) -> dict[str, Seen]:
        """Those rows of these keys that there are, deleted ones too."""


class Source(Store, Protocol):
    """The store that is right, and has all columns."""

    async def digest_of(self, within: Range, columns: Mapping[str, Kind]) -> Digest:
        """The same as `digest`, of these columns alone: what a view should say that has no others."""

    async def now(self) -> datetime:
        """The time by its clock."""


class View(Store, Protocol):
    """A store that is made from MySQL."""

    async def fresh_until(self) -> datetime | None:
        """Until when it holds all that MySQL had committed, by MySQL's clock; None where it does not say."""

    def expected(self, row: Seen) -> Values:
        """What the view should have of a row of MySQL."""


class Fault(StrEnum):
    """What is wrong with a row of a view."""

    MISSING = "missing"
    STALE = "stale"
    DIFFERS = "differs"
    TOO_MUCH = "should not be there"


@dataclass(frozen=True)
class Difference:
    """A row of which a view says something else than MySQL. `version` is the highest that the view has."""

    table: str
    view: str
    key: str
    fault: Fault
    columns: tuple[str, ...]
    version: int

    def __str__(self) -> str:
        what = f"{self.fault} in {', '.join(self.columns)}" if self.columns else self.fault
        return f"{self.table} {self.key} in {self.view}: {what}"


def fault_of(view: View, row: Seen | None, seen: Seen | None) -> tuple[Fault, tuple[str, ...]] | None:
    """What a view has wrong of a row, and in which columns; None when it is right."""
    if row is None:
        return (Fault.TOO_MUCH, ()) if seen is not None and seen.values is not None else None
    if seen is None or seen.values is None:
        return Fault.MISSING, ()
    expected = view.expected(row)
    if different := tuple(sorted(column for column in {*expected, *seen.values} if _differ(column, expected, seen))):
        return (Fault.STALE, ()) if seen.version < row.version else (Fault.DIFFERS, different)
    return None


def comparable(kind: Kind, value: Any) -> Any:
    """A column's value as a driver gives it, in the one form in which both databases' can be compared."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value
        case str() if kind is Kind.JSON:
            try:
                return normalize_json_text(value)
            except ValueError:
                return value
    return value


def _differ(column: str, expected: Values, seen: Seen) -> bool:
    assert seen.values is not None
    missing = object()
    return bool(expected.get(column, missing) != seen.values.get(column, missing))
