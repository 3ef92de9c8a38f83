"""The problems of `shipping`."""

from __future__ import annotations

from chassis.http.errors.problem_types import ProblemType

TYPES: tuple[ProblemType, ...] = ()
"""The problem types that only this service returns."""
