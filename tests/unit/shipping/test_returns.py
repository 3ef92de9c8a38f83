"""The commands on returns: what each allows in which status, and every rule that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import uuid4

import pytest

from contracts.order_returns import ReturnOrigin, ReturnStatus
from contracts.shipping import ShipmentStatus
from shipping.returns.decisions.receiving import open_returned, receive
from shipping.returns.decisions.refunding import approve_refund, refund
from shipping.returns.decisions.requesting import authorise, cancel, refuse, request, returnable
from shipping.returns.decisions.rules import ReturnRule
from shipping.returns.events import ReturnEvent
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine, ReturnedUnits
from shipping.shipments.decisions.rules import Rule, RuleBroken
from tests.support.returns import a_delivered, a_return, came, opened, paid_for, then, to_return
from tests.support.shipments import a_shipment
from tests.support.shop.rows import NOON

ORDER, SHIPMENT = a_delivered(3)
COMMANDS: dict[str, Callable[[Return], Sequence[ReturnEvent]]] = {
    "authorise": lambda it: authorise(it, "RMA-1", NOON),
    "refuse": lambda it: refuse(it, "too-late", NOON),
    "cancel": lambda it: cancel(it, "kept", NOON),
    "receive": lambda it: receive(it, came(it), "lima", {"lima"}, NOON),
    "approve": lambda it: approve_refund(it, paid_for(ORDER, "10.00"), [], [], Decimal(0), NOON),
    "refund": lambda it: refund(it, "re_1", NOON),
}
ALLOWED = {
    ReturnStatus.REQUESTED: {"authorise": "authorised", "refuse": "refused", "cancel": "cancelled"},
    ReturnStatus.AUTHORISED: {"receive": "received", "cancel": "cancelled"},
    ReturnStatus.RECEIVED: {"approve": "refund_approved"},
    ReturnStatus.REFUND_APPROVED: {"refund": "refunded"},
    ReturnStatus.REFUSED: {},
    ReturnStatus.CANCELLED: {},
    ReturnStatus.REFUNDED: {},
}


@pytest.mark.parametrize("status", list(ReturnStatus))
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_leads_on_or_names_its_rule(status: ReturnStatus, name: str) -> None:
    state = a_return(status, of=(ORDER, SHIPMENT))

    if name in ALLOWED[status]:
        assert then(state, COMMANDS[name](state)).status == ALLOWED[status][name]
    else:
        with pytest.raises(RuleBroken) as broken:
            COMMANDS[name](state)
        [rule] = broken.value.rules
        assert rule.startswith("only-")


def test_delivered_units_can_be_returned_once() -> None:
    order, shipment = a_delivered(3, 1)
    first = a_return(of=(order, shipment), units=(2, 1))

    second = opened(request(order, to_return(order, 1), [shipment], [first], NOON))
    with pytest.raises(RuleBroken) as broken:
        request(order, to_return(order, 2, 1), [shipment], [first], NOON)

    assert (second.status, second.origin) == (ReturnStatus.REQUESTED, ReturnOrigin.DELIVERED)
    assert [line.quantity for line in second.lines] == [1]
    assert broken.value.rules == [ReturnRule.NOTHING_LEFT_TO_RETURN]
    assert [each.pointer for each in broken.value.violations] == ["#/lines/0/quantity", "#/lines/1/quantity"]


@pytest.mark.parametrize("status", [each for each in ShipmentStatus if each is not ShipmentStatus.DELIVERED])
def test_units_that_were_not_delivered_cannot_be_returned(status: ShipmentStatus) -> None:
    shipment = a_shipment(status)

    assert not returnable([shipment], []).total()


@pytest.mark.parametrize(
    ("status", "left"),
    [
        (ReturnStatus.REQUESTED, 1),
        (ReturnStatus.AUTHORISED, 1),
        (ReturnStatus.REFUSED, 3),
        (ReturnStatus.CANCELLED, 3),
        (ReturnStatus.RECEIVED, 1),
        (ReturnStatus.REFUNDED, 1),
    ],
)
def test_a_return_holds_its_units_until_it_is_refused_or_cancelled(status: ReturnStatus, left: int) -> None:
    state = a_return(status, of=(ORDER, SHIPMENT))

    assert returnable([SHIPMENT], [state]).total() == left


def test_units_that_did_not_come_are_free_again() -> None:
    state = a_return(ReturnStatus.AUTHORISED, of=(ORDER, SHIPMENT), units=(3,))

    received = then(state, receive(state, came(state, 1, damaged=1), None, {"lima"}, NOON))

    assert (received.location, received.held) == ("lima", {ORDER.lines[0].order_line_id: 2})
    assert returnable([SHIPMENT], [received]).total() == 1
    assert (received.lines[0].sellable, received.lines[0].damaged) == (1, 1)


def test_a_request_names_every_rule_that_it_breaks() -> None:
    line_id = ORDER.lines[0].order_line_id
    units = [
        ReturnedUnits(order_line_id=line_id, quantity=4, reason="Does not fit"),
        ReturnedUnits(order_line_id=line_id, quantity=0, reason="x"),
        ReturnedUnits(order_line_id=uuid4(), quantity=1, reason="x"),
    ]

    with pytest.raises(RuleBroken) as broken:
        request(ORDER, units, [SHIPMENT], [], NOON)

    assert set(broken.value.rules) == {
        Rule.LINE_IS_NAMED_ONCE,
        Rule.QUANTITY_IS_POSITIVE,
        Rule.REASON_IS_A_CODE,
        ReturnRule.NOTHING_LEFT_TO_RETURN,
        ReturnRule.LINE_IS_OF_THE_ORDER,
    }


def test_a_receipt_names_every_rule_that_it_breaks() -> None:
    state = a_return(ReturnStatus.REQUESTED, of=(ORDER, SHIPMENT))
    line_id = ORDER.lines[0].order_line_id
    lines = [
        ReceivedLine(order_line_id=line_id, sellable=2, damaged=1),
        ReceivedLine(order_line_id=line_id, sellable=-1, damaged=0),
        ReceivedLine(order_line_id=uuid4(), sellable=0, damaged=0),
    ]

    with pytest.raises(RuleBroken) as broken:
        receive(state, lines, None, {"berlin", "lima"}, NOON)
    with pytest.raises(RuleBroken) as nothing:
        receive(a_return(ReturnStatus.AUTHORISED), [], "lima", (), NOON)

    assert set(broken.value.rules) == {
        ReturnRule.ONLY_AUTHORISED_IS_RECEIVED,
        ReturnRule.NOT_MORE_THAN_ANNOUNCED,
        Rule.LINE_IS_NAMED_ONCE,
        Rule.QUANTITY_IS_POSITIVE,
        ReturnRule.LINE_IS_IN_THE_RETURN,
        ReturnRule.LOCATION_IS_NAMED,
    }
    assert "berlin, lima" in str(broken.value)
    assert nothing.value.rules == [ReturnRule.UNITS_CAME_BACK]


def test_a_shipment_that_is_back_at_its_sender_is_a_received_return() -> None:
    shipment = a_shipment(ShipmentStatus.RETURNED, 3, 1)

    state = opened(open_returned(shipment, NOON))

    assert (state.status, state.origin) == (ReturnStatus.RECEIVED, ReturnOrigin.RETURNED_TO_SENDER)
    assert (state.shipment_id, state.location, state.version) == (shipment.shipment_id, shipment.location, 2)
    assert [(line.received, line.reason) for line in state.lines] == [(3, "recipient-absent"), (1, "recipient-absent")]
    order, delivered = a_delivered(2)
    assert returnable([delivered], [state]).total() == 2, "it holds no units of other shipments"
    assert order
