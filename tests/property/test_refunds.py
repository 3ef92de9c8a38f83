"""Random returns of one order, in any order and of any size: no unit comes back twice, no amount is paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import reduce
from random import Random
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.money import decimals
from contracts.order_returns import HAS_UNITS
from shipping.events.codec import Encoded, encode
from shipping.returns.decisions.receiving import open_returned, receive
from shipping.returns.decisions.refunding import Paid, PaidLine, approve_refund, entitlement, refund
from shipping.returns.decisions.requesting import authorise, cancel, refuse, request, returnable
from shipping.returns.events import CODEC, ReturnEvent
from shipping.returns.folding import apply, fold
from shipping.returns.state import Return
from shipping.returns.values import ReceivedLine
from shipping.shipments.decisions.planning import split
from shipping.shipments.decisions.rules import RuleBroken
from shipping.shipments.events import ShipmentPlanned
from shipping.shipments.folding import apply as apply_to_shipment
from shipping.shipments.folding import begin
from shipping.shipments.state import Shipment
from tests.support.returns import a_delivered, to_return
from tests.support.shipments import planned, units
from tests.support.shop.rows import NOON

WHICH = st.integers(0, 3)
UNITS = st.lists(st.integers(0, 4), min_size=2, max_size=2)
ON = st.tuples(st.just("go_on"), WHICH, st.integers(1, 120))
COMMAND = st.one_of(
    *[ON] * 6,
    st.tuples(st.just("request"), UNITS),
    st.tuples(st.sampled_from(["authorise", "refuse", "cancel", "refund"]), WHICH),
    st.tuples(st.just("receive"), WHICH, UNITS, UNITS),
    st.tuples(st.just("approve"), WHICH, st.integers(0, 200), st.integers(0, 120)),
)
MONEY = st.integers(0, 100_000)


class OneOrder:
    """The returns of an order as a database would have them: events as text, and the state that they lead to."""

    def __init__(self, quantities: Sequence[int], amounts: Sequence[int], freight: int, currency: str) -> None:
        self.order, self.shipment = a_delivered(*quantities)
        scale = Decimal(1).scaleb(-decimals(currency))
        lines = {
            line.order_line_id: PaidLine(line.quantity, amount * scale)
            for line, amount in zip(self.order.lines, amounts, strict=True)
        }
        self.paid, self.scale = Paid(lines, freight * scale, currency), scale
        self.streams: dict[UUID, list[Encoded]] = {}
        self.rows: dict[UUID, Return] = {}

    def do(self, command: str, *arguments: object) -> None:
        """A command, which may be refused."""
        with suppress(RuleBroken):
            getattr(self, command)(*arguments)

    def request(self, quantities: Sequence[int]) -> None:
        events = request(
            self.order, to_return(self.order, *quantities), [self.shipment], list(self.rows.values()), NOON
        )
        self.begin(events)

    def begin(self, events: Sequence[ReturnEvent]) -> None:
        return_id = uuid4()
        state = fold(return_id, events)
        assert state is not None
        self.streams[return_id] = [encode(each) for each in events]
        self.rows[return_id] = state

    def on(self, which: int, decide: Callable[[Return], Sequence[ReturnEvent]]) -> None:
        if state := self.nth(which):
            events = decide(state)
            for event in events:
                state = apply(state, event)
            self.streams[state.return_id] += [encode(each) for each in events]
            self.rows[state.return_id] = state

    def nth(self, which: int) -> Return | None:
        found = list(self.rows.values())
        return found[which % len(found)] if found else None

    def authorise(self, which: int) -> None:
        self.on(which, lambda it: authorise(it, "RMA-1", NOON))

    def refuse(self, which: int) -> None:
        self.on(which, lambda it: refuse(it, "too-late", NOON))

    def cancel(self, which: int) -> None:
        self.on(which, lambda it: cancel(it, "kept", NOON))

    def refund(self, which: int) -> None:
        self.on(which, lambda it: refund(it, "re_1", NOON))

    def receive(self, which: int, sellable: Sequence[int], damaged: Sequence[int]) -> None:
        def decide(state: Return) -> Sequence[ReturnEvent]:
            lines = [
                ReceivedLine(order_line_id=line.order_line_id, sellable=good, damaged=bad)
                for line, good, bad in zip(state.lines, sellable, damaged, strict=False)
            ]
            return receive(state, lines, None, {"lima"}, NOON)

        self.on(which, decide)

    def approve(self, which: int, percent: int, freight: int) -> None:
        """A share of what the lines may get, and of the shipping charge; more than all of it is refused."""

        def decide(state: Return) -> Sequence[ReturnEvent]:
            others = list(self.rows.values())
            most = entitlement(state, self.paid, others)
            amounts = [(each.order_line_id, self.share(each.amount, percent)) for each in most.lines]
            return approve_refund(state, self.paid, others, amounts, self.share(most.freight, freight), NOON)

        self.on(which, decide)

    def go_on(self, which: int, percent: int) -> None:
        """The next step of a return, with all of its units."""
        if state := self.nth(which):
            quantities = [line.quantity for line in state.lines]
            self.do("refund", which)
            self.do("approve", which, percent, percent)
            self.do("receive", which, quantities, [0] * len(quantities))
            self.do("authorise", which)

    def share(self, amount: Decimal, percent: int) -> Decimal:
        return (amount * percent / 100 // self.scale) * self.scale

    def refund_the_rest(self) -> None:
        """Everything comes back, and is refunded as far as it is possible."""
        left = returnable([self.shipment], self.rows.values())
        if left.total():
            self.request([left[line.order_line_id] for line in self.order.lines])
        for number, state in enumerate(list(self.rows.values())):
            self.do("authorise", number)
            quantities = [line.quantity for line in state.lines]
            self.do("receive", number, quantities, [0] * len(quantities))
            self.do("approve", number, 100, 100)


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=2),
    st.lists(MONEY, min_size=2, max_size=2),
    MONEY,
    st.sampled_from(["USD", "JPY", "KWD"]),
    st.lists(COMMAND, max_size=30),
)
def test_no_unit_comes_back_twice_and_no_amount_is_paid_twice(
    quantities: list[int],
    amounts: list[int],
    freight: int,
    currency: str,
    commands: list[tuple[str, *tuple[object, ...]]],
) -> None:
    it = OneOrder(quantities, amounts, freight, currency)

    for command, *arguments in commands:
        it.do(command, *arguments)
        check(it)

    for return_id, stream in it.streams.items():
        events = [CODEC.decode(*each) for each in stream]
        assert fold(return_id, events) == it.rows[return_id]


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=2),
    st.lists(MONEY, min_size=2, max_size=2),
    MONEY,
    st.sampled_from(["USD", "JPY", "KWD"]),
    st.lists(UNITS, max_size=12),
    st.randoms(use_true_random=False),
)
def test_full_refunds_of_any_parts_in_any_order_add_up_to_what_was_paid(
    quantities: list[int], amounts: list[int], freight: int, currency: str, parts: list[list[int]], random: Random
) -> None:
    it = OneOrder(quantities, amounts, freight, currency)
    for part in parts:
        it.do("request", part)
    shuffled = list(it.rows.items())
    random.shuffle(shuffled)
    it.rows = dict(shuffled)

    it.refund_the_rest()

    refunds = [each.refund for each in it.rows.values() if each.refund]
    assert sum(each.amount for each in refunds) == sum(it.paid.lines[each].amount for each in it.paid.lines) + (
        it.paid.freight
    )


@given(st.integers(2, 9), MONEY, st.data())
def test_units_that_came_back_to_their_sender_share_the_amount_of_their_line(
    quantity: int, amount: int, data: st.DataObject
) -> None:
    it = OneOrder([quantity], [amount], 0, "USD")
    for shipment in _halves(planned(it.order), data.draw(st.integers(1, quantity - 1))):
        it.begin(open_returned(shipment, NOON))

    for number in range(2):
        it.do("approve", number, 100, 0)

    [line] = it.paid.lines.values()
    assert sum(each.refund.amount for each in it.rows.values() if each.refund) == line.amount


def check(it: OneOrder) -> None:
    """No unit is in two returns, and no more was refunded than was paid."""
    held, came = Counter[UUID](), Counter[UUID]()
    paid = dict.fromkeys(it.paid.lines, Decimal(0))
    refunds = [each.refund for each in it.rows.values() if each.refund]
    for state in it.rows.values():
        held.update(state.held)
        assert state.refund is None or state.status in HAS_UNITS
    for each in refunds:
        assert each.amount == sum(line.amount for line in each.lines) + each.freight
        for line in each.lines:
            came[line.order_line_id] += line.units
            paid[line.order_line_id] += line.amount
    for line_id, of_line in it.paid.lines.items():
        assert 0 <= came[line_id] <= held[line_id] <= it.order.units[line_id]
        assert 0 <= paid[line_id] <= of_line.amount
    assert sum(each.freight for each in refunds) <= it.paid.freight


def _halves(whole: Shipment, moved: int) -> tuple[Shipment, Shipment]:
    """The two shipments of one that was split."""
    parts = split(whole, units(whole, moved), uuid4(), NOON)
    [planning] = parts.new
    assert isinstance(planning, ShipmentPlanned)
    return reduce(apply_to_shipment, parts.source, whole), begin(uuid4(), planning)
