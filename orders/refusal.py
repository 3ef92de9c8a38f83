"""The exception of decisions that refuse a request, with all violations at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """What is wrong with one place of the request; `pointer` is a JSON pointer into its body."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The order cannot be as requested. Carries all violations, not just the first."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(each.detail for each in violations))
        self.violations = list(violations)
