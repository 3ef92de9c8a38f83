"""The state of a row in one database, ranges of rows, and the difference of a row between two databases. Pure."""

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
    """The rows with a key greater than `after`, up to and including `until`; None is unbounded."""

    after: str | None = None
    until: str | None = None


class Digest(NamedTuple):
    """The number of rows of a range, and the sum of their digests; -1 if a row has none."""

    rows: int
    total: int


@dataclass(frozen=True)
class RowState:
    """A row in one database: its highest version there, and its columns; None when it is marked as deleted.

    `lines_seen` is the highest version of its lines, deleted ones included.
    """

    version: int
    values: Values | None
    lines_seen: int = 0


class RowSet(Protocol):
    """One table in one database. All methods raise `Unavailable` when the database is.

    `columns` are the columns it has, in the order of a row's digest.
    """

    name: str
    columns: Mapping[str, Kind]

    async def key_at(self, within: Range, rows: int) -> str | None:
        """The key of the range's row number `rows`, counted from 1; None if there are fewer."""

    async def digest(self, within: Range) -> Digest:
        """The digest of the rows of the range without deleted ones, computed inside the database."""

    async def rows(self, within: Range) -> dict[str, RowState]:
        """The rows of a small range by key, without deleted ones."""

    async def rows_of(self, keys: Sequence[str]) -> dict[str, RowState]:
        """The rows with these keys that exist, deleted ones included."""


class Source(RowSet, Protocol):
    """The authoritative table, which has all columns."""

    async def digest_of(self, within: Range, columns: Mapping[str, Kind]) -> Digest:
        """Like `digest`, of these columns only: what a view with these columns should have."""

    async def now(self) -> datetime:
        """The current time by the clock of the database."""


class View(RowSet, Protocol):
    """A table or index that is projected from MySQL."""

    async def fresh_until(self) -> datetime | None:
        """The time, by the clock of MySQL, up to which it has every commit; None if unknown."""

    def expected(self, row: RowState) -> Values:
        """The columns that the view should have for a row of MySQL."""


class DifferenceKind(StrEnum):
    """How a row of a view differs from MySQL."""

    MISSING = "missing"
    STALE = "stale"
    DIFFERS = "differs"
    UNEXPECTED = "should not be there"


@dataclass(frozen=True)
class Difference:
    """A row of a view that differs from MySQL. `version` is the highest that the view has."""

    table: str
    view: str
    key: str
    fault: DifferenceKind
    columns: tuple[str, ...]
    version: int

    def __str__(self) -> str:
        what = f"{self.fault} in {', '.join(self.columns)}" if self.columns else self.fault
        return f"{self.table} {self.key} in {self.view}: {what}"


def difference_of(
    view: View, row: RowState | None, seen: RowState | None
) -> tuple[DifferenceKind, tuple[str, ...]] | None:
    """How a row of a view differs from MySQL, and in which columns; None when it does not."""
    if row is None:
        return (DifferenceKind.UNEXPECTED, ()) if seen is not None and seen.values is not None else None
    if seen is None or seen.values is None:
        return DifferenceKind.MISSING, ()
    expected = view.expected(row)
    if different := tuple(sorted(column for column in {*expected, *seen.values} if _differ(column, expected, seen))):
        return (DifferenceKind.STALE, ()) if seen.version < row.version else (DifferenceKind.DIFFERS, different)
    return None


def comparable(kind: Kind, value: Any) -> Any:
    """A value as a driver returns it, in a form in which those of MySQL and Postgres are comparable."""
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


def _differ(column: str, expected: Values, seen: RowState) -> bool:
    assert seen.values is not None
    missing = object()
    return bool(expected.get(column, missing) != seen.values.get(column, missing))
