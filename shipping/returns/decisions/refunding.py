"""What may be refunded for units that came back, so that the parts of an order add up to what was paid for it.

The units of a line are counted as they are refunded: units a + 1 to b get r(amount * b / quantity) minus r(amount * a /
quantity), where r rounds to the currency's decimals. In any parts and any order, they add up to the line's amount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.money import format_amount, round_amount
from contracts.order_returns import ReturnStatus
from shipping.returns.decisions.rules import ReturnRule, status_is
from shipping.returns.events import RefundApproved, Refunded, ReturnEvent
from shipping.returns.state import Refund, Return
from shipping.returns.values import RefundedLine
from shipping.shipments.decisions.rules import Rule, RuleBroken, Violation, check


@dataclass(frozen=True)
class PaidLine:
    """What is paid for all units of an order line."""

    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class Paid:
    """What is paid for an order: for each line, and as its shipping charge."""

    lines: Mapping[UUID, PaidLine]
    freight: Decimal
    currency: str


@dataclass(frozen=True)
class Entitlement:
    """The most that may be refunded for what came back: for each line and its units, and of the shipping charge."""

    lines: Sequence[RefundedLine]
    freight: Decimal


def entitlement(state: Return, paid: Paid, others: Iterable[Return]) -> Entitlement:
    """What may be refunded for a return that came back, after the refunds of the order's other returns."""
    refunds = [each.refund for each in others if each.refund and each.return_id != state.return_id]
    before = _refunded_units(refunds)
    lines = [
        RefundedLine(
            order_line_id=line.order_line_id,
            units=line.received,
            amount=_of_units(paid.lines[line.order_line_id], before[line.order_line_id], line.received, paid.currency),
        )
        for line in state.lines
        if line.received and line.order_line_id in paid.lines
    ]
    freight = round_amount(paid.freight, paid.currency) - sum((each.freight for each in refunds), Decimal(0))
    return Entitlement(lines, max(freight, Decimal(0)))


def approve_refund(
    state: Return,
    paid: Paid | None,
    others: Iterable[Return],
    amounts: Sequence[tuple[UUID, Decimal]],
    freight: Decimal,
    at: datetime,
) -> list[ReturnEvent]:
    """Approve these amounts of lines; a line that is not named gets all that it may have. Raises RuleBroken."""
    check(status_is(state, [ReturnStatus.RECEIVED], ReturnRule.ONLY_RECEIVED_IS_REFUNDED, "refunded"))
    if paid is None or any(line.received and line.order_line_id not in paid.lines for line in state.lines):
        detail = "What was paid for these units is not known: the order was deleted, or has not arrived."
        raise RuleBroken([Violation(ReturnRule.AMOUNTS_ARE_KNOWN, detail)])
    most = entitlement(state, paid, others)
    allowed = {each.order_line_id: each for each in most.lines}
    violations = _of_named(amounts, allowed)
    for number, (line_id, amount) in enumerate(amounts):
        if line_id in allowed:
            pointer = f"#/lines/{number}/amount"
            violations += _is_possible(amount, allowed[line_id].amount, paid.currency, pointer)
    violations += _is_possible(freight, most.freight, paid.currency, "#/freight")
    check(violations)
    named = dict(amounts)
    lines = tuple(
        RefundedLine(
            order_line_id=each.order_line_id,
            units=each.units,
            amount=round_amount(named.get(each.order_line_id, each.amount), paid.currency),
        )
        for each in most.lines
    )
    freight = round_amount(freight, paid.currency)
    return [RefundApproved(lines=lines, freight=freight, currency=paid.currency, at=at)]


def refund(state: Return, reference: str, at: datetime) -> list[ReturnEvent]:
    """The refund was paid. Raises RuleBroken."""
    check(status_is(state, [ReturnStatus.REFUND_APPROVED], ReturnRule.ONLY_APPROVED_IS_PAID, "paid"))
    return [Refunded(reference=reference, at=at)]


def _of_units(line: PaidLine, before: int, units: int, currency: str) -> Decimal:
    return _first(line, before + units, currency) - _first(line, before, currency)


def _first(line: PaidLine, units: int, currency: str) -> Decimal:
    """What is refunded for the first `units` of a line in all."""
    return round_amount(line.amount * min(units, line.quantity) / line.quantity, currency)


def _refunded_units(refunds: Iterable[Refund]) -> Counter[UUID]:
    units: Counter[UUID] = Counter()
    for each in refunds:
        for line in each.lines:
            units[line.order_line_id] += line.units
    return units


def _of_named(amounts: Sequence[tuple[UUID, Decimal]], allowed: Mapping[UUID, RefundedLine]) -> list[Violation]:
    violations: list[Violation] = []
    seen: set[UUID] = set()
    for number, (line_id, _) in enumerate(amounts):
        pointer = f"#/lines/{number}/orderLineId"
        if line_id in seen:
            violations.append(Violation(Rule.LINE_IS_NAMED_ONCE, f"Line {line_id} is named twice.", pointer))
        seen.add(line_id)
        if line_id not in allowed:
            detail = f"No units of line {line_id} came back with this return."
            violations.append(Violation(ReturnRule.LINE_IS_IN_THE_RETURN, detail, pointer))
    return violations


def _is_possible(amount: Decimal, most: Decimal, currency: str, pointer: str) -> list[Violation]:
    if amount < 0:
        return [Violation(ReturnRule.AMOUNT_IS_NOT_NEGATIVE, f"The amount is {amount}; the least is 0.", pointer)]
    if amount != round_amount(amount, currency):
        detail = f"The amount {amount} has more decimals than {currency}."
        return [Violation(ReturnRule.AMOUNT_HAS_THE_DECIMALS, detail, pointer)]
    if amount > most:
        detail = f"At most {format_amount(most, currency)} {currency} may be refunded, not {amount}."
        return [Violation(ReturnRule.MORE_THAN_WAS_PAID, detail, pointer)]
    return []
