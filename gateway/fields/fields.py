"""The fields of types: the column of a row that each shows, or the method that resolves it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

import strawberry
from asyncpg import Record

from contracts import money
from gateway.fields.relations import Relation


@strawberry.type(description="An amount in its currency.")
class Money:
    """An amount with exactly the decimals of its currency, or a price with at least those."""

    amount: Decimal = strawberry.field(
        description='Amounts have the decimals of the currency: "440.00" USD, "440" JPY; prices may have more.'
    )
    currency: str = strawberry.field(description="ISO 4217, such as USD.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """The amount rounded to the currency's decimals."""
        return cls(amount=money.round_amount(amount, currency), currency=currency)

    @classmethod
    def price(cls, of_one: Decimal, currency: str) -> Money:
        """The price of one unit, which is never rounded."""
        return cls(amount=money.price(of_one, currency), currency=currency)


Object = TypeVar("Object")
Resolver = TypeVar("Resolver", bound=Callable[..., Any])

COLUMN = "column"
"""The key of a field's `Column` in the field's metadata."""

RELATION = "relation"
"""The key of a field's `Relation` there."""


@dataclass(frozen=True)
class Column:
    """The column that a field shows, by default the one with the field's name. `read` converts the column's value.

    `sql` does the same in SQL, with `{}` for the column; a column with `read` and without `sql` is compiled only if
    it is an enum. With `is_money` the column is an amount in the row's `currency`, with `is_price` it is not rounded;
    with `is_list` it is a JSON list of objects. With `is_json`, `sql` is the JSON of the field's value.
    """

    name: str = ""
    read: Callable[[Any], Any] | None = None
    sql: str | None = None
    is_money: bool = False
    is_price: bool = False
    is_list: bool = False
    is_json: bool = False


def column(
    description: str,
    name: str = "",
    read: Callable[[Any], Any] | None = None,
    sql: str | None = None,
    *,
    is_list: bool = False,
    is_json: bool = False,
    relation: Relation | None = None,
    shown_as: str | None = None,
) -> Any:
    """A field that shows the column with its own name, or with `name`. `relation` is for compiled queries.

    `shown_as` is its name in GraphQL, if that is no name in Python.
    """
    metadata = {COLUMN: Column(name, read, sql, is_list=is_list, is_json=is_json), RELATION: relation}
    return strawberry.field(description=description, metadata=metadata, name=shown_as)


def identifier(description: str, name: str = "") -> Any:
    """A field that shows the UUID in the column with its own name, or with `name`."""
    return column(description, name, read=str, sql="{}")


def amount(description: str, name: str = "") -> Any:
    """A field that shows the amount in the column with its own name, or with `name`, in the row's currency."""
    return strawberry.field(description=description, metadata={COLUMN: Column(name, is_money=True)})


def price(description: str) -> Any:
    """A field that shows the price of one unit, in the column with its own name, in the row's currency."""
    return strawberry.field(description=description, metadata={COLUMN: Column(is_money=True, is_price=True)})


def resolved(
    description: str, relation: Relation | None = None, name: str | None = None
) -> Callable[[Resolver], Resolver]:
    """Decorator: a field that this method resolves, with its name in camel case unless it has a `name`.

    `relation` finds the same rows in compiled queries.
    """
    field = strawberry.field(name=name, description=description, metadata={RELATION: relation})
    return cast(Callable[[Resolver], Resolver], field)


def from_row(type_: type[Object], row: Record | Mapping[str, Any]) -> Object:
    """An object of a type whose fields show columns. Ignores other columns."""
    return type_(**{name: _value(column, row) for name, column in columns_of(type_).items()})


def columns_of(type_: type) -> dict[str, Column]:
    """The column of each field that a row fills; private fields have the names of their columns."""
    known = _COLUMNS.get(type_)
    if known is None:
        fields = [field for field in dataclasses.fields(type_) if field.init and field.default is dataclasses.MISSING]
        known = {field.name: _named(field.metadata.get(COLUMN, Column()), field.name) for field in fields}
        _COLUMNS[type_] = known
    return known


_COLUMNS: dict[type, dict[str, Column]] = {}


def _named(column: Column, field: str) -> Column:
    return dataclasses.replace(column, name=column.name or field)


def _value(column: Column, row: Record | Mapping[str, Any]) -> Any:
    value = row[column.name]
    if column.is_money and value is None:
        return None
    if column.is_money:
        return (Money.price if column.is_price else Money.of)(value, row["currency"])
    return column.read(value) if column.read else value
