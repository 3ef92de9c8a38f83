"""Times as they come out of a DATETIME column: without a zone, and in UTC, since every connection is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator


def _aware(stored: datetime) -> datetime:
    return stored.replace(tzinfo=UTC)


StoredTime = Annotated[datetime, AfterValidator(_aware)]
"""A time of a row, aware and in UTC."""
