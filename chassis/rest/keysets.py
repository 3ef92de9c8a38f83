"""Lists that an index returns in their order: each page starts after the last row of the one before (keyset
pagination), so that all pages cost the same.

Filters and orders that no index supports are rejected instead of being slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.databases.mysql import Connection, Row
from chassis.http.problems import Problem

EQUAL, FROM, BEFORE, BEGINS = "=", ">=", "<", "LIKE"
"""Operators of filters. The last takes a `prefix_pattern`."""

_DESCENDING = "-"


@dataclass(frozen=True)
class Filter:
    """A condition on a column, and its query parameter."""

    parameter: str
    column: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Index:
    """An index of a table: rows with equal values in `equal` are sorted by the column `order`, then by id.

    With `is_unique`, at most one row is equal in them, so that any order and any further filters are supported.
    """

    name: str
    equal: tuple[str, ...]
    order: str
    is_unique: bool = False

    def serves(self, filters: Sequence[Filter], column: str) -> bool:
        """Whether a range of the index has exactly the rows of these filters, in the order of `column`."""
        equal = {each.column for each in filters if each.operator == EQUAL}
        if self.is_unique:
            return set(self.equal) <= equal
        ranges = {each.column for each in filters if each.operator != EQUAL}
        return set(self.equal) == equal and self.order == column and ranges <= {column}


@dataclass(frozen=True)
class Listing:
    """The list of a table. `sorts` has the sort columns by their names in the API, the default first.

    `identity` is the column of the primary key, and `identity_as` its name among the selected `columns`.
    """

    table: str
    columns: str
    identity: str
    identity_as: str
    sorts: dict[str, str]
    indexes: tuple[Index, ...]

    def plan(self, filters: Sequence[Filter], sort: str | None) -> Plan:
        """The plan for rows that match all filters (ignoring those whose value is None) in the order of `sort`, such as
        `-createdAt`; by default in the first order that an index supports.

        Raises the 422 problem of filters and orders that no index supports.
        """
        given = [each for each in filters if each.value is not None]
        served = {name: index for name in self.sorts if (index := self._index(given, self.sorts[name]))}
        if not served:
            raise _unsupported_filters(given)
        order = next(iter(served)) if sort is None else sort
        name = order.removeprefix(_DESCENDING)
        if name not in served:
            raise _unsupported_order(order, list(served))
        return Plan(self, given, served[name].name, self.sorts[name], order.startswith(_DESCENDING))

    def _index(self, filters: Sequence[Filter], column: str) -> Index | None:
        return next((index for index in self.indexes if index.serves(filters, column)), None)


@dataclass(frozen=True)
class Plan:
    """A query for pages of a listing."""

    listing: Listing
    filters: Sequence[Filter]
    index: str
    column: str
    is_descending: bool

    async def read(self, connection: Connection, after: list[Any] | None, limit: int) -> list[Row]:
        """The rows after the sort key `after`, or the first rows."""
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
        """The sort key of a row as JSON values."""
        identity = row[self.listing.identity_as]
        if self.column == self.listing.identity:
            return [identity]
        value = row[self.column]
        return [value if isinstance(value, str) else _plain(value), identity]

    def _beyond(self, after: list[Any]) -> tuple[str, list[Any]]:
        """The condition for rows after a key, in a form for which MySQL reads two ranges; (a, b) > (x, y) gets none."""
        sign = "<" if self.is_descending else ">"
        identity = self.listing.identity
        if self.column == identity:
            return f"{identity} {sign} %s", after
        value, last = after
        condition = f"({self.column} {sign} %s OR ({self.column} = %s AND {identity} {sign} %s))"
        return condition, [value, value, last]


def prefix_pattern(text: str) -> str:
    """The LIKE pattern of texts that begin with `text`."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"{text}%"


def _plain(value: Any) -> str:
    return value.isoformat(" ", "milliseconds") if isinstance(value, datetime) else str(value)


def _unsupported_filters(filters: Sequence[Filter]) -> Problem:
    given = dict.fromkeys(each.parameter for each in filters)
    detail = f"filtering by {' and '.join(given)} together is not supported; use fewer filters"
    return _refusal([(parameter, detail) for parameter in given])


def _unsupported_order(sort: str, served: list[str]) -> Problem:
    orders = ", ".join(f"{name}, -{name}" for name in served)
    return _refusal([("sort", f"sorting by {sort} is not supported with these filters; use one of {orders}")])


def _refusal(faults: Sequence[tuple[str, str]]) -> Problem:
    errors = [{"parameter": parameter, "in": "query", "detail": detail} for parameter, detail in faults]
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)
