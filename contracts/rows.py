"""The common fields of all rows that Kafka Connect writes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import ClassVar, get_args

import msgspec


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """The current row of a table, or the last one before its deletion. Unknown columns are ignored."""

    PERSONAL: ClassVar[Mapping[str, object]] = {}
    """The columns with personal data, each with its value in a deleted row: no reader of the topic sees more."""

    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)

    def __post_init__(self) -> None:
        """Clear the personal data of a deleted row, since Debezium's record of a deletion has the row's last values.

        Raises ValueError for NaN and Infinity, which no column can hold.
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
        """The version that projections compare: a delete counts as a version after the last one of the row."""
        return self.version + 1 if self.is_deleted else self.version


@cache
def _decimals(row: type[Row]) -> tuple[str, ...]:
    fields = msgspec.structs.fields(row)
    return tuple(field.name for field in fields if Decimal in (field.type, *get_args(field.type)))
