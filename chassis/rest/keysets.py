"""Lists that an index returns in their order: each page starts after the last row of the one before (keyset
pagination), so that all pages cost the same.

Filters and orders that no index supports are rejected instead of being slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from chassis.databases.mysql import Connection, Row
from chassis.http.errors.problems import Problem

EQUAL, FROM, BEFORE, BEGINS = "=", ">=", "<", "LIKE"
"""Operators of filters. The last takes a `prefix_pattern`."""

ONE_OF = "IN"
"""The operator of a filter whose value is a sequence: equal to one of its items. An empty one is no filter."""

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
        equal = {each.column for each in filters if each.operator in (EQUAL, ONE_OF)}
        if self.is_unique:
            return set(self.equal) <= equal
        ranges = {each.column for each in filters if each.operator not in (EQUAL, ONE_OF)}
        return set(self.equal) == equal and self.order == column and ranges <= {column}


@dataclass(frozen=True)
class Listing:
    """The list of a table. `sorts` has the sort columns by their names in the API, the default first.

    `identity` is the column of the primary key, and `identity_as` its name among the selected `columns`. A list is in
    ascending order unless a request says otherwise, or its order is one of `newest_first`.
    """

    table: str
    columns: str
    identity: str
    identity_as: str
    sorts: dict[str, str]
    indexes: tuple[Index, ...]
    newest_first: tuple[str, ...] = ()

    def plan(self, filters: Sequence[Filter], sort: str | None) -> Plan:
        """The plan for rows that match all filters (ignoring those without a value) in the order of `sort`, such as
        `-createdAt`; by default in the first order that an index supports.

        Raises the 422 problem of filters and orders that no index supports.
        """
        given = [each for each in filters if each.value is not None and each.value != ()]
        served = {name: index for name in self.sorts if (index := self._index(given, self.sorts[name]))}
        if not served:
            raise _unsupported_filters(given, self._missing(filters, given))
        order = self._default_order(next(iter(served))) if sort is None else sort
        name = order.removeprefix(_DESCENDING)
        if name not in served:
            raise _unsupported_order(order, list(served))
        return Plan(self, given, served[name].name, self.sorts[name], order.startswith(_DESCENDING))

    def _missing(self, filters: Sequence[Filter], given: Sequence[Filter]) -> list[str]:
        """The parameters with which the given filters would be supported: the fewest."""
        parameter_of = {each.column: each.parameter for each in filters if each.operator in (EQUAL, ONE_OF)}
        equal = {each.column for each in given if each.operator in (EQUAL, ONE_OF)}
        ranges = {each.column for each in given} - equal
        more = [
            [parameter_of[column] for column in index.equal if column not in equal]
            for index in self.indexes
            if equal < set(index.equal) <= parameter_of.keys()
            and ranges <= {index.order}
            and index.order in self.sorts.values()
        ]
        return min(more, key=len, default=[])

    def _default_order(self, name: str) -> str:
        return f"{_DESCENDING}{name}" if name in self.newest_first else name

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
        branches = [self._range(filters, after, limit) for filters in self._ranges()]
        sql, values = branches[0]
        if len(branches) > 1:  # each reads its range of the index up to the limit, and few rows are merged
            sql = " UNION ALL ".join(f"({each})" for each, _ in branches)
            sql += f" ORDER BY {self._order(self.listing.identity_as)} LIMIT %s"
            values = [value for _, of_branch in branches for value in of_branch] + [limit]
        return await connection.fetch_all(sql, values)

    def _ranges(self) -> Iterator[list[Filter]]:
        """The filters of each range of the index: one for each combination of the values of `ONE_OF`."""
        one_of = [each for each in self.filters if each.operator == ONE_OF]
        others = [each for each in self.filters if each.operator != ONE_OF]
        for values in product(*(dict.fromkeys(each.value) for each in one_of)):
            chosen = zip(one_of, values, strict=True)
            yield [*others, *(replace(each, operator=EQUAL, value=value) for each, value in chosen)]

    def _range(self, filters: Sequence[Filter], after: list[Any] | None, limit: int) -> tuple[str, list[Any]]:
        conditions = [f"{each.column} {each.operator} %s" for each in filters]
        values = [each.value for each in filters]
        if after is not None:
            condition, more = self._beyond(after)
            conditions, values = [*conditions, condition], [*values, *more]
        sql = (
            f"SELECT {self.listing.columns} FROM {self.listing.table} FORCE INDEX ({self.index})"
            f" WHERE {' AND '.join(conditions) or 'TRUE'} ORDER BY {self._order(self.listing.identity)} LIMIT %s"
        )
        return sql, [*values, limit]

    def _order(self, identity: str) -> str:
        column = identity if self.column == self.listing.identity else self.column
        direction = " DESC" if self.is_descending else ""
        return ", ".join(f"{each}{direction}" for each in dict.fromkeys([column, identity]))

    def key(self, row: Row) -> list[Any]:
        """The sort key of a row as JSON values."""
        identity = row[self.listing.identity_as]
        if self.column == self.listing.identity:
            return [identity]
        value = row[self.column]
        return [value if value is None or isinstance(value, str) else _plain(value), identity]

    def _beyond(self, after: list[Any]) -> tuple[str, list[Any]]:
        """The condition for rows after a key, in a form for which MySQL reads two ranges; (a, b) > (x, y) gets none.

        NULL is less than any value.
        """
        sign = "<" if self.is_descending else ">"
        identity = self.listing.identity
        if self.column == identity:
            return f"{identity} {sign} %s", after
        value, last = after
        if value is None:
            others = "" if self.is_descending else f" OR {self.column} IS NOT NULL"
            return f"(({self.column} IS NULL AND {identity} {sign} %s){others})", [last]
        others = f" OR {self.column} IS NULL" if self.is_descending else ""
        condition = f"({self.column} {sign} %s OR ({self.column} = %s AND {identity} {sign} %s){others})"
        return condition, [value, value, last]


def prefix_pattern(text: str) -> str:
    """The LIKE pattern of texts that begin with `text`."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"{text}%"


def _plain(value: Any) -> str:
    return value.isoformat(" ", "milliseconds") if isinstance(value, datetime) else str(value)


def _unsupported_filters(filters: Sequence[Filter], missing: Sequence[str]) -> Problem:
    given = dict.fromkeys(each.parameter for each in filters)
    if missing:
        detail = f"filtering by {' and '.join(given)} needs {' and '.join(missing)} as well"
    else:
        detail = f"filtering by {' and '.join(given)} together is not supported; use fewer filters"
    return _refusal([(parameter, detail) for parameter in given])


def _unsupported_order(sort: str, served: list[str]) -> Problem:
    orders = ", ".join(f"{name}, -{name}" for name in served)
    return _refusal([("sort", f"sorting by {sort} is not supported with these filters; use one of {orders}")])


def _refusal(faults: Sequence[tuple[str, str]]) -> Problem:
    errors = [{"parameter": parameter, "in": "query", "detail": detail} for parameter, detail in faults]
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)
