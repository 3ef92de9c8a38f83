"""The rules of returns, by name, besides those that they share with shipments."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from contracts.order_returns import ReturnStatus
from shipping.returns.state import Return
from shipping.shipments.decisions.rules import Violation


class ReturnRule(StrEnum):
    """The name of a rule, as it is in the 409 of a command."""

    LINE_IS_OF_THE_ORDER = "line-is-of-the-order"
    NOTHING_LEFT_TO_RETURN = "nothing-left-to-return"
    ONLY_REQUESTED_IS_AUTHORISED = "only-requested-is-authorised"
    ONLY_REQUESTED_IS_REFUSED = "only-requested-is-refused"
    ONLY_REQUESTED_OR_AUTHORISED_IS_CANCELLED = "only-requested-or-authorised-is-cancelled"
    ONLY_AUTHORISED_IS_RECEIVED = "only-authorised-is-received"
    LINE_IS_IN_THE_RETURN = "line-is-in-the-return"
    NOT_MORE_THAN_ANNOUNCED = "not-more-than-announced"
    UNITS_CAME_BACK = "units-came-back"
    LOCATION_IS_NAMED = "location-is-named"
    ONLY_RECEIVED_IS_REFUNDED = "only-received-is-refunded"
    AMOUNTS_ARE_KNOWN = "amounts-are-known"
    AMOUNT_HAS_THE_DECIMALS = "amount-has-the-currency-s-decimals"
    AMOUNT_IS_NOT_NEGATIVE = "amount-is-not-negative"
    MORE_THAN_WAS_PAID = "more-than-was-paid"
    ONLY_APPROVED_IS_PAID = "only-approved-is-paid"


def status_is(state: Return, allowed: Collection[ReturnStatus], rule: ReturnRule, verb: str) -> list[Violation]:
    """The violation of a rule about the status, if it is violated; `verb` is a participle."""
    if state.status in allowed:
        return []
    return [Violation(rule, f"The return is {state.status.value} and cannot be {verb}.")]
