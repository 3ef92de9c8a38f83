"""How a request asks for the past of a stream: as it was after so many events, or as it was known at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from chassis.http.errors.problems import Problem
from chassis.types.times import Moment

Version = Annotated[int | None, Query(ge=1, le=2**53, description="As it was after so many events.")]
At = Annotated[Moment | None, Query(description="As it was known at this time.")]


def check_not_both(version: int | None, at: datetime | None) -> None:
    """Raises the 422 of a request for a version and a time."""
    if version is not None and at is not None:
        errors = [{"parameter": "at", "in": "query", "detail": "cannot be combined with version"}]
        raise Problem(422, "invalid-request", "The request is invalid.", errors=errors)
