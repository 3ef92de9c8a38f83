"""The conditions of a list, and the SQL of a page of the rows that match them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from gateway.fields.keysets import Keyset
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters


@dataclass(frozen=True)
class OneOf:
    """A column must have one of several values. `values` is the SQL of an array of them, without duplicates.

    An index by this column and then by `sorted_by` has the rows of each value in order, but not those of several.
    """

    column: str
    values: str
    sorted_by: str


@dataclass(frozen=True)
class Conditions:
    """All conditions in `where` and `contains` must hold, and `one_of`.

    `contains` are conditions on what an array contains, with all that their index needs. It has the rows of a value in
    no order. `ranges` are the columns that are limited on both sides: the planner takes the rows between for few.
    `are_few` says that few rows match, though the planner cannot know: it would search a whole index in the order of
    the list.
    """

    where: Sequence[str]
    one_of: OneOf | None = None
    contains: Sequence[str] = ()
    ranges: Collection[str] = ()
    are_few: bool = False

    def joined(self, alias: str) -> str:
        """The SQL that the rows `alias` must fulfil."""
        one_of = [f"{alias}.{self.one_of.column} = ANY({self.one_of.values})"] if self.one_of else []
        return " AND ".join([*self.where, *self.contains, *one_of])


def count_sql(source: str, conditions: Conditions, alias: str) -> str:
    """The statement that counts the rows of `source`, whose alias is `alias`."""
    one_of = conditions.one_of
    if one_of is None:
        return f"SELECT count(*) FROM {source} WHERE {conditions.joined(alias)}"
    where = " AND ".join([*conditions.where, *conditions.contains, f"{alias}.{one_of.column} = one_of.value"])
    of_each = f"SELECT count(*) AS found FROM {source} WHERE {where}"
    values = f"unnest({one_of.values}) AS one_of (value)"
    return f"SELECT coalesce(sum(each.found), 0)::bigint FROM {values} CROSS JOIN LATERAL ({of_each}) AS each"


SEARCHED_FIRST = 2000
"""How many rows, in the order of the list, are searched for the values in `contains` before their index is used."""


@dataclass(frozen=True)
class PageOfRows:
    """A page of the rows of `source`, whose alias is `alias`."""

    source: str
    alias: str
    conditions: Conditions
    keyset: Keyset
    page: Page

    def sql(self, parameters: Parameters, limit: str, columns: str) -> str:
        """The statement that reads `columns` of at most `limit` rows. Raises InvalidCursor."""
        has_other_range = any(column != self.keyset.column for column in self.conditions.ranges)
        if self.conditions.contains and not has_other_range:
            return self._containing(parameters, limit, columns)
        return self._sorted(parameters, limit, columns)

    def _containing(self, parameters: Parameters, limit: str, columns: str) -> str:
        """First the rows that come first in the list, which have a page of a frequent value; then, by their index, the
        few rows of a rare one.

        The planner, which does not know the value, would choose one of the two ways for all values.
        """
        ordered = f"ORDER BY {self.keyset.order_by(self.page, self.alias)} LIMIT {limit}"
        contains, key = " AND ".join(self.conditions.contains), self.keyset.id_column
        others = replace(self, conditions=replace(self.conditions, contains=()))
        first = others._sorted(parameters, str(SEARCHED_FIRST), f"{self.alias}.*")
        where = " AND ".join(
            [others.conditions.joined(self.alias), *self.keyset.conditions(self.page, parameters, self.alias)]
        )
        counted = f"(SELECT count(*) FROM (SELECT FROM {self.source} WHERE {where} LIMIT {SEARCHED_FIRST}) AS searched)"
        # OFFSET 0 keeps the other conditions out, for which the planner might use another index.
        return (
            f"WITH found AS MATERIALIZED (SELECT * FROM ({first}) AS {self.alias} WHERE {contains} {ordered}) "
            f"SELECT {columns} FROM (SELECT * FROM found UNION ALL SELECT {self.alias}.* "
            f"FROM (SELECT {self.alias}.* FROM {self.source} WHERE {contains} OFFSET 0) AS {self.alias} "
            f"WHERE (SELECT count(*) FROM found) < {limit} AND {counted} = {SEARCHED_FIRST} AND {where} "
            f"AND {self.alias}.{key} NOT IN (SELECT {key} FROM found)) AS {self.alias} {ordered}"
        )

    def _sorted(self, parameters: Parameters, limit: str, columns: str) -> str:
        between = self.keyset.conditions(self.page, parameters, self.alias)
        ordered = f"ORDER BY {self.keyset.order_by(self.page, self.alias)} LIMIT {limit}"
        one_of = self.conditions.one_of
        if self.conditions.are_few:
            where = " AND ".join([self.conditions.joined(self.alias), *between])
            few = f"SELECT {self.alias}.* FROM {self.source} WHERE {where} OFFSET 0"
            return f"SELECT {columns} FROM ({few}) AS {self.alias} {ordered}"
        if one_of is None or one_of.sorted_by != self.keyset.column:
            where = " AND ".join([self.conditions.joined(self.alias), *between])
            return f"SELECT {columns} FROM {self.source} WHERE {where} {ordered}"
        all_but_one_of = replace(self.conditions, one_of=None).joined(self.alias)
        where = " AND ".join([all_but_one_of, f"{self.alias}.{one_of.column} = one_of.value", *between])
        of_each = f"SELECT {self.alias}.* FROM {self.source} WHERE {where} {ordered}"
        values = f"unnest({one_of.values}) AS one_of (value)"
        return f"SELECT {columns} FROM {values} CROSS JOIN LATERAL ({of_each}) AS {self.alias} {ordered}"
