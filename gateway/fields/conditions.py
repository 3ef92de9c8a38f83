"""The conditions of a list, and the SQL of a page of the rows that match them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """All conditions in `where` must hold, and `one_of`."""

    where: Sequence[str]
    one_of: OneOf | None = None

    def joined(self, alias: str) -> str:
        """The SQL that the rows `alias` must fulfil."""
        one_of = [f"{alias}.{self.one_of.column} = ANY({self.one_of.values})"] if self.one_of else []
        return " AND ".join([*self.where, *one_of])


def count_sql(source: str, conditions: Conditions, alias: str) -> str:
    """The statement that counts the rows of `source`, whose alias is `alias`."""
    one_of = conditions.one_of
    if one_of is None:
        return f"SELECT count(*) FROM {source} WHERE {conditions.joined(alias)}"
    where = " AND ".join([*conditions.where, f"{alias}.{one_of.column} = one_of.value"])
    of_each = f"SELECT count(*) AS found FROM {source} WHERE {where}"
    values = f"unnest({one_of.values}) AS one_of (value)"
    return f"SELECT coalesce(sum(each.found), 0)::bigint FROM {values} CROSS JOIN LATERAL ({of_each}) AS each"


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
