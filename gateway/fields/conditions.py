"""The conditions of a list, and the SQL of a page of the rows that match them."""

from __future__ import annotations

from collections.abc import Sequence
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

    `contains` are conditions on what an array contains. Their index has the rows of a value in no order.
    """

    where: Sequence[str]
    one_of: OneOf | None = None
    contains: Sequence[str] = ()

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
        return (self._rare if self.conditions.contains else self._sorted)(parameters, limit, columns)

    def _rare(self, parameters: Parameters, limit: str, columns: str) -> str:
        """The first rows in the order of the list have a page of a frequent value; an index has the few of a rare one.

        The planner, which does not know the value, would choose one of the two ways for all values.
        """
        ordered = f"ORDER BY {self.keyset.order_by(self.page, self.alias)} LIMIT {limit}"
        contains = " AND ".join(self.conditions.contains)
        without = replace(self, conditions=replace(self.conditions, contains=()))
        first = without._sorted(parameters, str(SEARCHED_FIRST), f"{self.alias}.*")
        between = self.keyset.conditions(self.page, parameters, self.alias)
        where = " AND ".join([self.conditions.joined(self.alias), *between])
        found = "(SELECT count(*) FROM found)"
        # OFFSET 0 keeps the order of the list out of the second SELECT, where the planner would read an index in it.
        return (
            f"WITH found AS MATERIALIZED (SELECT * FROM ({first}) AS {self.alias} WHERE {contains} {ordered}) "
            f"SELECT {columns} FROM (SELECT * FROM found WHERE {found} = {limit} UNION ALL "
            f"(SELECT {self.alias}.* FROM {self.source} WHERE {found} < {limit} AND {where} OFFSET 0)) "
            f"AS {self.alias} {ordered}"
        )

    def _sorted(self, parameters: Parameters, limit: str, columns: str) -> str:
        between = self.keyset.conditions(self.page, parameters, self.alias)
        ordered = f"ORDER BY {self.keyset.order_by(self.page, self.alias)} LIMIT {limit}"
        one_of = self.conditions.one_of
        if one_of is None or one_of.sorted_by != self.keyset.column:
            where = " AND ".join([self.conditions.joined(self.alias), *between])
            return f"SELECT {columns} FROM {self.source} WHERE {where} {ordered}"
        where = " AND ".join([*self.conditions.where, f"{self.alias}.{one_of.column} = one_of.value", *between])
        of_each = f"SELECT {self.alias}.* FROM {self.source} WHERE {where} {ordered}"
        values = f"unnest({one_of.values}) AS one_of (value)"
        return f"SELECT {columns} FROM {values} CROSS JOIN LATERAL ({of_each}) AS {self.alias} {ordered}"
