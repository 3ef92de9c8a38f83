"""The state that a service assigns to a row: part of each exported line, and restored by importing the line."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from chassis.types.times import Moment

# JSON that is parsed as floating point is exact below 2**53: the other half is left for the changes after the import.
Version = Annotated[int, Field(ge=1, le=2**52, strict=True)]
"""The number of writes of an imported row."""


class ExportedState(BaseModel):
    """When a row was created and last updated, and its version."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    created_at: Moment
    updated_at: Moment
    version: Version


def creation_times(exported: ExportedState | None) -> list[Any]:
    """The values of the columns `created_at` and `updated_at`; None for the database's time."""
    if exported is None:
        return [None, None]
    return [moment.astimezone(UTC).replace(tzinfo=None) for moment in (exported.created_at, exported.updated_at)]


CREATION_TIMES = "COALESCE(%s, UTC_TIMESTAMP(3)), COALESCE(%s, UTC_TIMESTAMP(3))"
"""The SQL of these columns."""


def member_pointer(column: str) -> str:
    """The JSON pointer of a column's member."""
    return f"#/{to_camel(column)}"
