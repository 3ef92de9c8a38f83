"""What every row that Kafka Connect writes has beside its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import ClassVar, get_args, get_type_hints

import msgspec

JSON_COLUMNS = frozenset({"hierarchies", "delivery_addresses"})
"""The columns that hold JSON; their type in a row is `str`, the JSON text."""

_NOT_COLUMNS = frozenset({"is_deleted", "committed_ms"})


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """A table's row as it is now, or as it was when it was deleted. Columns that are not known here are ignored."""

    PERSONAL: ClassVar[Mapping[str, object]] = {}
    """The columns that tell of a person, each with what a deleted row has there: no reader of the topic sees more."""

    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)

    def __post_init__(self) -> None:
        """Blank what a deleted row told of a person: Debezium's record of a deletion holds the row's last values.

        Raises ValueError for a number that is none: no column holds NaN or Infinity, and no store takes them.
        """
        if self.is_deleted:
            for name, blank in self.PERSONAL.items():
                msgspec.structs.force_setattr(self, name, blank)
        for name in _decimals(type(self)):
            value = getattr(self, name)
            if value is not None and not value.is_finite():
                raise ValueError(f"{name} is {value}")

    @property
    def newest_version(self) -> int:
        """The version that projections compare: a delete is a change too, one after the last version of the row."""
        return self.version + 1 if self.is_deleted else self.version


@cache
def columns(row: type[Row]) -> Mapping[str, type]:
    """The columns of the row's table, each with the type of its values where they are not null."""
    types = get_type_hints(row)
    return {name: not_null(types[name]) for name in row.__struct_fields__ if name not in _NOT_COLUMNS}


def not_null(annotation: object) -> type:
    """The type that `annotation` allows beside None. Raises ValueError when that is not one type."""
    [only] = {*get_args(annotation)} - {type(None)} or {annotation}
    assert isinstance(only, type)
    return only


@cache
def _decimals(row: type[Row]) -> tuple[str, ...]:
    return tuple(name for name, kind in columns(row).items() if kind is Decimal)
