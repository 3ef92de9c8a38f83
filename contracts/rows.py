"""What every row that Kafka Connect writes has beside its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import ClassVar, get_args

import msgspec


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
def _decimals(row: type[Row]) -> tuple[str, ...]:
    fields = msgspec.structs.fields(row)
    return tuple(field.name for field in fields if Decimal in (field.type, *get_args(field.type)))
