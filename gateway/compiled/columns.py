"""The JSON of single columns, written by Postgres exactly as Strawberry writes it from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLOutputType, GraphQLScalarType, get_named_type

from contracts import money
from gateway.compiled.text import BROKEN_SQL, NULL_SQL, Constant, Expression, Piece, joined, quoted
from gateway.compiled.values import NotCompilable
from gateway.fields.enums import UNKNOWN
from gateway.fields.fields import Column


@dataclass(frozen=True)
class Row:
    """A row in the SQL. `carried` are columns that are read from elsewhere.

    A JSON row is an element of a JSON list, whose members may be missing. `joins` collects joins to the row.
    """

    alias: str
    above: Row | None = None
    carried: Mapping[str, str] = field(default_factory=dict)
    is_json: bool = False
    joins: list[str] | None = None

    def value(self, column: str) -> str:
        """The SQL of a column's value."""
        if column in self.carried:
            return self.carried[column]
        return f"({self.alias}.value->>'{column}')" if self.is_json else f"{self.alias}.{column}"

    def json_list(self, column: str) -> str:
        """The SQL of a column's value, which is a JSON list."""
        return f"({self.alias}.value->'{column}')" if self.is_json else self.value(column)

    def aliases(self) -> dict[str, str]:
        """The names of this row and the ones above in a relation's SQL."""
        above = [each.alias if (each := self.up(levels)) else "" for levels in range(3)]
        return dict(zip(("parent", "grandparent", "great_grandparent"), above, strict=True))

    def up(self, levels: int) -> Row | None:
        """The row so many levels above this one; None if there is none."""
        if levels == 0:
            return self
        return self.above.up(levels - 1) if self.above else None


def column_json(of: GraphQLOutputType, column: Column, row: Row) -> list[Piece]:
    """The JSON of a field that shows a column; null where the column is. Raises NotCompilable."""
    if column.read is not None and column.sql is None and not isinstance(get_named_type(of), GraphQLEnumType):
        raise NotCompilable(column.name)
    value = (column.sql or "{}").format(row.value(column.name))
    if column.is_json:
        return [Expression(value)]
    # Types other than text never contain characters that JSON escapes.
    pieces = _quoted(value) if column.read is str else _written(of, value)
    if not isinstance(of, GraphQLNonNull):
        return [Expression(f"coalesce({joined(pieces)}, {NULL_SQL})")]
    # A non-null field's column is NOT NULL in tables.
    return [Expression(f"coalesce({joined(pieces)}, {BROKEN_SQL})")] if row.is_json else pieces


def money_json(row: Row, column: Column) -> str:
    """The amount in a column with the decimals of the row's currency, in quotes; a price with at least those."""
    amount, currency = row.value(column.name), row.value("currency")
    if row.is_json:
        amount = f"{amount}::numeric"
    # As `contracts.money.round_amount` does: Postgres rounds halves away from zero, too.
    decimals = f"get_byte({_DECIMALS}, position({currency} IN {_LISTED}))"
    if column.is_price:
        decimals = f"greatest({decimals}, min_scale({amount}))"
    return f"('\"' || round({amount}, {decimals}) || '\"')"


def _written(of: GraphQLOutputType, value: str) -> list[Piece]:
    named = get_named_type(of)
    if isinstance(named, GraphQLEnumType):
        return [Expression(f"'\"' || {_enum_name(named, value)} || '\"'")]
    if not isinstance(named, GraphQLScalarType):
        raise NotCompilable(named.name)
    match named.name:
        case "Decimal":
            return _quoted(value)
        case "DateTime":  # Postgres is in UTC, and writes +00:00
            return [Expression(f"left(to_json({value})::text, -7)"), Constant('Z"')]
        case "Int" | "Boolean":
            return [Expression(f"{value}::text")]
        case "String" | "ID":
            return [Expression(f"to_json({value}::text)::text")]
        case name:
            raise NotCompilable(name)


def _quoted(value: str) -> list[Piece]:
    return [Constant('"'), Expression(f"{value}::text"), Constant('"')]


def _enum_name(of: GraphQLEnumType, value: str) -> str:
    """The SQL of the schema's name for a stored value; UNKNOWN for others."""
    enum = of.extensions["strawberry-definition"].wrapped_cls
    members = enum.__members__
    if any(member.value.upper() != name for name, member in members.items()) or UNKNOWN not in members:
        raise NotCompilable(of.name)
    known = ", ".join(quoted(member.value) for member in members.values())
    return f"CASE WHEN {value} IN ({known}) THEN upper({value}) ELSE '{UNKNOWN}' END"


_CURRENCIES = [
    "USD",
    "EUR",
    *(code for code in money.known_currencies() if money.decimals(code) != money.DEFAULT_DECIMALS),
]
"""Currencies with unusual decimals; the most frequent currencies come first, so that they are found first."""

_LISTED = quoted(" ".join(_CURRENCIES))
"""The text in which the position of a currency is found; 0 for others."""

_DECIMALS = quoted("\\x02" + "".join(f"{money.decimals(code):02x}" * 4 for code in _CURRENCIES)) + "::bytea"
"""The decimals by that position. Few functions: Postgres looks up each one at every execution."""
