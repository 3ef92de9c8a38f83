"""What every row that Kafka Connect writes has beside its own columns."""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """A table's row as it is now, or as it was when it was deleted. Columns that are not known here are ignored."""

    version: int
    is_deleted: bool = msgspec.field(name="__deleted", default=False)
    committed_ms: int = msgspec.field(name="__source_ts_ms", default=0)

    @property
    def newest_version(self) -> int:
        """The version that projections compare: a delete is a change too, one after the last version of the row."""
        return self.version + 1 if self.is_deleted else self.version
