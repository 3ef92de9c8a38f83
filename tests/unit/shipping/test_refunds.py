"""What may be refunded: as much as was paid, in parts that add up to it, and never more."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.order_returns import ReturnStatus
from shipping.returns.decisions.refunding import Paid, approve_refund, entitlement
from shipping.returns.decisions.rules import ReturnRule
from shipping.returns.state import Return
from shipping.shipments.decisions.rules import Rule, RuleBroken
from tests.support.returns import a_delivered, a_return, paid_for, then
from tests.support.shop.rows import NOON


def refunded(currency: str, amount: str, parts: list[int]) -> list[Decimal]:
    """The refunds of a line, of so many units one after the other."""
    delivered = a_delivered(sum(parts))
    paid = paid_for(delivered[0], amount, currency=currency)
    done: list[Return] = []
    for units in parts:
        done.append(a_return(ReturnStatus.REFUND_APPROVED, of=delivered, units=[units], others=done, paid=paid))
    return [each.refund.amount for each in done if each.refund]


@pytest.mark.parametrize(
    ("currency", "amount", "parts", "amounts"),
    [
        ("USD", "10.00", [1, 1, 1], ["3.33", "3.34", "3.33"]),
        ("USD", "10.00", [2, 1], ["6.67", "3.33"]),
        ("USD", "10.00", [3], ["10.00"]),
        ("JPY", "100", [1, 1, 1], ["33", "34", "33"]),
        ("KWD", "1.000", [1, 2], ["0.333", "0.667"]),
        ("USD", "0.01", [1, 1], ["0.01", "0.00"]),
        ("USD", "0.00", [1, 1], ["0.00", "0.00"]),
    ],
)
def test_the_parts_of_a_line_add_up_to_it(currency: str, amount: str, parts: list[int], amounts: list[str]) -> None:
    found = refunded(currency, amount, parts)

    assert found == [Decimal(each) for each in amounts]
    assert sum(found) == Decimal(amount)


def test_less_may_be_approved_and_is_not_owed_any_more() -> None:
    delivered = a_delivered(3)
    paid = paid_for(delivered[0], "10.00")
    first = a_return(ReturnStatus.RECEIVED, of=delivered, units=[1])
    [line] = first.lines

    less = then(first, approve_refund(first, paid, [], [(line.order_line_id, Decimal(1))], Decimal("5.00"), NOON))
    rest = a_return(ReturnStatus.RECEIVED, of=delivered, units=[2], others=[less])
    most = entitlement(rest, paid, [less])

    assert less.refund is not None
    assert (less.refund.amount, less.refund.freight, less.lines[0].amount) == (Decimal(6), Decimal(5), Decimal(1))
    assert ([each.amount for each in most.lines], most.freight) == ([Decimal("6.67")], Decimal(0))


def test_damaged_units_are_refunded_too() -> None:
    delivered = a_delivered(3)
    state = a_return(ReturnStatus.RECEIVED, of=delivered, units=[3])
    lines = tuple(replace(line, sellable=0, damaged=line.quantity) for line in state.lines)

    most = entitlement(replace(state, lines=lines), paid_for(delivered[0], "10.00"), [])

    assert [each.amount for each in most.lines] == [Decimal("10.00")]


def test_an_approval_names_every_rule_that_it_breaks() -> None:
    delivered = a_delivered(3)
    state = a_return(ReturnStatus.RECEIVED, of=delivered)
    [line] = state.lines
    amounts = [(line.order_line_id, Decimal("6.68")), (line.order_line_id, Decimal("-1")), (uuid4(), Decimal(0))]

    with pytest.raises(RuleBroken) as broken:
        approve_refund(state, paid_for(delivered[0], "10.00"), [], amounts, Decimal("0.001"), NOON)
    with pytest.raises(RuleBroken) as freight:
        approve_refund(state, paid_for(delivered[0], "10.00"), [], [], Decimal("5.01"), NOON)

    assert set(broken.value.rules) == {
        ReturnRule.MORE_THAN_WAS_PAID,
        ReturnRule.AMOUNT_IS_NOT_NEGATIVE,
        ReturnRule.AMOUNT_HAS_THE_DECIMALS,
        ReturnRule.LINE_IS_IN_THE_RETURN,
        Rule.LINE_IS_NAMED_ONCE,
    }
    assert "At most 6.67 USD" in str(broken.value)
    assert [(each.rule, each.pointer) for each in freight.value.violations] == [("more-than-was-paid", "#/freight")]


def test_nothing_is_refunded_while_it_is_not_known_what_was_paid() -> None:
    state = a_return(ReturnStatus.RECEIVED)

    for unknown in (None, Paid({}, Decimal(0), "USD")):
        with pytest.raises(RuleBroken) as broken:
            approve_refund(state, unknown, [], [], Decimal(0), NOON)
        assert broken.value.rules == [ReturnRule.AMOUNTS_ARE_KNOWN]
