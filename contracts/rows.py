"""The base of all rows that Kafka Connect writes, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import ClassVar, get_args, get_type_hints

import msgspec

JSON_COLUMNS = frozenset({"categories", "delivery_addresses", "lines", "parcels", "tracking", "vans"})
"""The columns that hold JSON; their type in a row is `str`, the JSON text."""

_NOT_COLUMNS = frozenset({"is_deleted", "committed_ms"})


class Row(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """The current row of a table, or its last state if it was deleted. Unknown columns are ignored.

    No row refers to another one, so the garbage collector need not look at them: a worker holds tens of thousands.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {}
    """The columns with personal data, each with the value that it has in a deleted row."""

    FORMER_NAMES: ClassVar[Mapping[str, str]] = {}
    """Columns that have been renamed: the name in older records, and the name today."""

    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)

    def __post_init__(self) -> None:
        """Clear the personal data of a deleted row: Debezium's record of a deletion has the row's last values.

        Raises ValueError for NaN and Infinity, which no database accepts.
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
        """The version that projections compare; a deletion counts as one change after the last version."""
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
