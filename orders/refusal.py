"""How a decision says no: all faults at once, each at its place in the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong with one place of the request; `pointer` is a JSON pointer into its body."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The order cannot be as asked. Carries all faults found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = list(faults)
