"""Lists that an index serves in their order: each page goes on after the last row seen, so all pages cost the same.

What no index serves is refused instead of being served slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.databases.mysql import Connection, Row
from chassis.http.problems import Problem

EQUAL, FROM, UP_TO, BEFORE, BEGINS = "=", ">=", "<=", "<", "LIKE"
"""How a column can be compared. The last takes what `beginning` makes."""

_DESCENDING = "-"


@dataclass(frozen=True)
class Filter:
    """What a client asks of a column, and by which query parameter."""

    parameter: str
    column: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Index:
    """An index of a table: rows that are equal in all of `equal` lie in the order of the column `order`, then by id.

    With `is_unique` one row at most is equal in them, so that any order and any more filters are served.
    """

    name: str
    equal: tuple[str, ...]
    order: str
    is_unique: bool = False

    def serves(self, filters: Sequence[Filter], column: str) -> bool:
        """Whether it has the rows that fit these filters, and no others, in the order of `column`."""
        equal = {each.column for each in filters if each.operator == EQUAL}
        if self.is_unique:
            return set(self.equal) <= equal
        ranges = {each.column for each in filters if each.operator != EQUAL}
        return set(self.equal) == equal and self.order == column and ranges <= {column}


@dataclass(frozen=True)
class Listing:
    """How a table is listed. `sorts` has the columns to sort by, by their names in the API, the usual one first.

    `identity` is the column of the primary key, and `identity_as` its name among the selected `columns`.
    """

    table: str
    columns: str
    identity: str
    identity_as: str
    sorts: dict[str, str]
    indexes: tuple[Index, ...]

    def plan(self, filters: Sequence[Filter], sort: str | None) -> Plan:
        """How to read what fits all filters (those whose value is None are none) in the order of `sort`, such as
        `-createdAt`; without it in the first order that an index has.

        Raises the 422 problem of what no index serves.
        """
        given = [each for each in filters if each.value is not None]
        served = {name: index for name in self.sorts if (index := self._index(given, self.sorts[name]))}
        if not served:
            raise _not_together(given)
        wanted = next(iter(served)) if sort is None else sort
        name = wanted.removeprefix(_DESCENDING)
        if name not in served:
            raise _not_in_this_order(wanted, list(served))
        return Plan(self, given, served[name].name, self.sorts[name], wanted.startswith(_DESCENDING))

    def _index(self, filters: Sequence[Filter], column: str) -> Index | None:
        return next((index for index in self.indexes if index.serves(filters, column)), None)


@dataclass(frozen=True)
class Plan:
    """How some rows of a listing are read, a page at a time."""

    listing: Listing
    filters: Sequence[Filter]
    index: str
    column: str
    is_descending: bool

    async def read(self, connection: Connection, after: list[Any] | None, limit: int) -> list[Row]:
        """The rows after the one with the sort key `after`, or the first."""
        conditions = [f"{each.column} {each.operator} %s" for each in self.filters]
        values = [each.value for each in self.filters]
        if after is not None:
            condition, more = self._beyond(after)
            conditions, values = [*conditions, condition], [*values, *more]
        direction = " DESC" if self.is_descending else ""
        order = ", ".join(f"{column}{direction}" for column in dict.fromkeys([self.column, self.listing.identity]))
        sql = (
            f"SELECT {self.listing.columns} FROM {self.listing.table} FORCE INDEX ({self.index})"
            f" WHERE {' AND '.join(conditions) or 'TRUE'} ORDER BY {order} LIMIT %s"
        )
        return await connection.fetch_all(sql, [*values, limit])

    def key(self, row: Row) -> list[Any]:
        """The sort key of a row, as it is stored, in JSON values."""
        identity = row[self.listing.identity_as]
        if self.column == self.listing.identity:
            return [identity]
        value = row[self.column]
        return [value if isinstance(value, str) else _plain(value), identity]

    def _beyond(self, after: list[Any]) -> tuple[str, list[Any]]:
        """The rows after one, written so that MySQL reads two ranges of an index: it makes none of (a, b) > (x, y)."""
        sign = "<" if self.is_descending else ">"
        identity = self.listing.identity
        if self.column == identity:
            return f"{identity} {sign} %s", after
        value, last = after
        condition = f"({self.column} {sign} %s OR ({self.column} = %s AND {identity} {sign} %s))"
        return condition, [value, value, last]


def prefix_pattern(text: str) -> str:
    """The LIKE pattern of what begins with `text`."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"{text}%"


def _plain(value: Any) -> str:
    return value.isoformat(" ", "milliseconds") if isinstance(value, datetime) else str(value)


def _not_together(filters: Sequence[Filter]) -> Problem:
    given = dict.fromkeys(each.parameter for each in filters)
    detail = f"no index has {' and '.join(given)} together: ask for fewer"
    return _refusal([(parameter, detail) for parameter in given])


def _not_in_this_order(sort: str, served: list[str]) -> Problem:
    orders = ", ".join(f"{name}, -{name}" for name in served)
    return _refusal([("sort", f"no index has {sort} with these filters: sort by {orders}")])


def _refusal(faults: Sequence[tuple[str, str]]) -> Problem:
    errors = [{"parameter": parameter, "in": "query", "detail": detail} for parameter, detail in faults]
    return Problem(422, "invalid-request", "the request does not fit", errors=errors)
