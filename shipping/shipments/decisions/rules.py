"""The rules of shipments, by name, and the exception of commands that break some: it has all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.shipping import ShipmentStatus
from shipping.shipments.state import Shipment


class Rule(StrEnum):
    """The name of a rule, as it is in the 409 of a command."""

    PLANNED_ONCE = "planned-once"
    HAS_LINES = "has-lines"
    LINE_IS_NAMED_ONCE = "line-is-named-once"
    QUANTITY_IS_POSITIVE = "quantity-is-positive"
    QUANTITY_IS_WHAT_WAS_ORDERED = "quantity-is-what-was-ordered"
    ONLY_PLANNED_IS_SPLIT = "only-planned-is-split"
    SPLIT_IS_INTO_ANOTHER = "split-is-into-another"
    UNITS_ARE_IN_THE_SHIPMENT = "units-are-in-the-shipment"
    SPLIT_LEAVES_UNITS = "split-leaves-units"
    NO_CORRECTION_AFTER_DISPATCH = "no-correction-after-dispatch"
    ONLY_PLANNED_IS_PACKED = "only-planned-is-packed"
    HAS_PARCELS = "has-parcels"
    WEIGHT_IS_POSITIVE = "weight-is-positive"
    PARCEL_IS_IN_THE_SHIPMENT = "parcel-is-in-the-shipment"
    ONLY_ACTIVE_HAS_NEW_NUMBERS = "only-active-has-new-numbers"
    NO_NUMBERS_AFTER_ERASURE = "no-numbers-after-erasure"
    PARCELS_BEFORE_DISPATCH = "parcels-before-dispatch"
    ONLY_PACKED_OR_FAILED_IS_DISPATCHED = "only-packed-or-failed-is-dispatched"
    UNITS_ARE_COMMITTED = "units-are-committed"
    ONLY_DISPATCHED_IS_DELIVERED = "only-dispatched-is-delivered"
    ONLY_DISPATCHED_FAILS = "only-dispatched-fails"
    ONLY_FAILED_IS_RETRIED = "only-failed-is-retried"
    ONLY_FAILED_OR_RECALLED_IS_RETURNED = "only-failed-or-recalled-is-returned"
    ONLY_DISPATCHED_OR_FAILED_IS_RECALLED = "only-dispatched-or-failed-is-recalled"
    ONLY_PLANNED_OR_PACKED_IS_CANCELLED = "only-planned-or-packed-is-cancelled"
    REASON_IS_A_CODE = "reason-is-a-code"


@dataclass(frozen=True)
class Violation:
    """A rule that a command breaks, of shipments or another stream, and how: a sentence.

    `pointer` is a JSON pointer into its body.
    """

    rule: StrEnum
    detail: str
    pointer: str = "#"


class RuleBroken(Exception):
    """The command is not possible. Carries all violations, not just the first."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{each.rule}: {each.detail}" for each in violations))
        self.violations = list(violations)

    @property
    def rules(self) -> list[StrEnum]:
        """The names of the broken rules, each once."""
        return [*dict.fromkeys(each.rule for each in self.violations)]


def check(violations: Sequence[Violation]) -> None:
    """Raises RuleBroken if there are any."""
    if violations:
        raise RuleBroken(violations)


def status_is(state: Shipment, allowed: Collection[ShipmentStatus], rule: Rule, verb: str) -> list[Violation]:
    """The violation of a rule about the status, if it is violated; `verb` is a participle."""
    if state.status in allowed:
        return []
    return [Violation(rule, f"The shipment is {state.status.value} and cannot be {verb}.")]
