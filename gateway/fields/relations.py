"""The relations of fields to tables, declared beside each field, for compiled queries.

In the SQL, `{it}` is the row of the relation, `{parent}` the row of the type that the field belongs to,
`{grandparent}` the row above that, `{great_grandparent}` the one above that, and `{name}` the argument of that name.
Every relation excludes deleted rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.fields.conditions import Conditions
from gateway.fields.keysets import Keyset
from gateway.fields.parameters import Parameters, Read

Arguments = Mapping[str, Any]
"""A field's arguments by their GraphQL names, as its resolver gets them, or slots instead of values."""


@dataclass(frozen=True)
class One:
    """At most one row of a table, by a unique key, or null. `reads` converts arguments for the comparison in SQL.

    A JSON row is an element of a JSON list: its columns are its members. `carried` are columns that are read from rows
    above. With `levels_up`, the row is part of the row that is so many levels above the parent.
    """

    source: str
    where: str
    reads: Mapping[str, Read] = field(default_factory=dict)
    is_json: bool = False
    carried: Mapping[str, str] = field(default_factory=dict)
    levels_up: int = 0


@dataclass(frozen=True)
class Many:
    """All rows, in an order. `carried` are columns that are read from the parent's row.

    With `is_array` they are the elements of an array in the parent's row, in its order, and `order_by` is empty.
    With `is_json` they are JSON rows. `conditions` makes the conditions that the arguments add, for the row of this
    alias. `copies` is a JSON list in the parent's row that has the fields `copied`, and is enough when no others are
    selected.
    """

    source: str
    where: str
    order_by: str = ""
    is_array: bool = False
    is_json: bool = False
    carried: Mapping[str, str] = field(default_factory=dict)
    conditions: Callable[[Arguments, Parameters, str], list[str]] | None = None
    copies: str = ""
    copied: Collection[str] = ()


@dataclass(frozen=True)
class Pages:
    """A connection: the rows that match the arguments, in the requested order."""

    source: str
    where: str
    keyset: Callable[[Arguments], Keyset]
    conditions: Callable[[Arguments, Parameters, str], Conditions]


@dataclass(frozen=True)
class Keyed:
    """A list with one entry for each key in the argument `keys`, in its order: the row with this key, or null.

    `key` is the row's key in SQL, and `reads` converts the argument to the array that it is compared with.
    """

    source: str
    where: str
    keys: str
    key: str
    key_type: str
    reads: Read


@dataclass(frozen=True)
class AnyOf:
    """A node of one of several types, by the name of the type: the first that has a row."""

    types: Mapping[str, One]


@dataclass(frozen=True)
class Computed:
    """A scalar that is computed from rows of other tables. `json` is the SQL of its JSON, never NULL."""

    json: str


Relation = One | Many | Pages | Keyed | AnyOf | Computed
