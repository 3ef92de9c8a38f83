"""Random delivery days: the sweep counts like brute force, no rule is ever broken, and the events lead to the state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.shipping import ShipmentStatus
from shipping.days.commands import on_day
from shipping.days.events import CODEC, DayEvent
from shipping.days.folding import apply, fold
from shipping.days.following import follow
from shipping.days.planning import Wish, adopt, can_finish, can_start, schedule, unschedule
from shipping.days.state import Day
from shipping.days.values import Window, most_at_once
from shipping.events.codec import Encoded, encode
from shipping.shipments.decisions import delivering
from shipping.shipments.decisions.rules import RuleBroken
from shipping.shipments.events import ShipmentEvent
from shipping.shipments.folding import apply as apply_to_shipment
from shipping.shipments.state import Shipment
from tests.support.delivery_days import BEFORE, DATE, MIDNIGHT, OPEN, in_depot

QUARTERS = st.tuples(st.integers(0, 40), st.integers(1, 30)).map(lambda each: (each[0], each[0] + each[1]))


def window(quarters: tuple[int, int]) -> Window:
    begin, end = (MIDNIGHT + timedelta(hours=8, minutes=15 * each) for each in quarters)
    return Window(begin, end)


@settings(max_examples=1000)
@given(st.lists(QUARTERS, max_size=9), QUARTERS)
def test_the_sweep_counts_like_brute_force(others: list[tuple[int, int]], wanted: tuple[int, int]) -> None:
    most = max(sum(begin <= moment < end for begin, end in others) for moment in range(*wanted))

    assert most_at_once(map(window, others), window(wanted)) == most


WHICH = st.integers(0, 5)
VAN = st.sampled_from(["a", "b", "c", "d", "x"])
COMMAND = st.one_of(
    st.tuples(st.just("plan"), WHICH, VAN, QUARTERS),
    st.tuples(st.sampled_from(["start", "finish", "fail", "remove", "deliver", "cancel", "order"]), WHICH),
    st.tuples(st.just("depot"), st.integers(1, 4), st.sampled_from([("a", "b", "c", "d"), ("a", "x")])),
)


class OneDay:
    """A day and six shipments as a database would have them: events as text, and what they lead to."""

    def __init__(self) -> None:
        self.depot, self.day = OPEN, Day(depot="main", date=DATE)
        self.shipments = [in_depot(ShipmentStatus.PACKED) for _ in range(6)]
        self.stream: list[Encoded] = []
        self.history: list[Day] = [self.day]

    def run(self, name: str, *values: Any) -> None:
        """Run a command; one that is refused changes nothing."""
        if name == "depot":
            self.depot = msgspec.structs.replace(OPEN, parallel_deliveries=values[0], vans=values[1])
            return
        shipment = self.shipments[values[0]]
        try:
            if name == "plan":
                self._plan(shipment, Wish(values[1], window(values[2])))
            else:
                self._append(values[0], self._decided(name, shipment))
        except RuleBroken:
            pass

    def _plan(self, shipment: Shipment, wish: Wish) -> None:
        opening = adopt(self.day, self.depot, BEFORE)
        events = schedule(reduce(apply, opening, self.day), shipment, wish, BEFORE)
        self._append_to_day(opening)
        self._append(self.shipments.index(shipment), events)

    def _decided(self, name: str, shipment: Shipment) -> Sequence[ShipmentEvent]:
        identity = shipment.shipment_id
        if name == "start":
            decide = on_day(
                self.day, lambda it: can_start(it, identity), lambda it, at: delivering.dispatch(it, "dhl", at)
            )
        elif name == "finish":
            decide = on_day(self.day, lambda it: can_finish(it, identity), delivering.deliver)
        elif name == "fail":
            decide = on_day(self.day, lambda it: can_finish(it, identity), lambda it, at: delivering.fail(it, "x", at))
        elif name == "remove":
            if not shipment.is_scheduled:
                return []
            return unschedule(self.day, identity, BEFORE)
        else:
            return {
                "deliver": lambda: delivering.deliver(shipment, BEFORE),
                "cancel": lambda: delivering.cancel(shipment, "x", BEFORE),
                "order": lambda: delivering.follow_cancelled_order(shipment, BEFORE),
            }[name]()
        return decide(shipment, BEFORE)

    def _append(self, which: int, events: Sequence[ShipmentEvent]) -> None:
        shipment = self.shipments[which]
        own, of_day = follow(self.day, shipment.shipment_id, events)
        self._append_to_day(of_day)
        self.shipments[which] = reduce(apply_to_shipment, own, shipment)

    def _append_to_day(self, events: Sequence[DayEvent]) -> None:
        for event in events:
            self.stream.append(encode(event))
            self.day = apply(self.day, event)
            self.history.append(self.day)


@settings(max_examples=300)
@given(st.lists(COMMAND, max_size=40))
def test_no_van_is_in_two_places_and_never_too_many_at_once(commands: list[tuple[Any, ...]]) -> None:
    one, most = OneDay(), OPEN.parallel_deliveries
    for command in commands:
        most = max(most, one.depot.parallel_deliveries)
        one.run(*command)

        ahead = one.day.ahead
        for number, each in enumerate(ahead):
            others = [other.window for other in ahead[:number] if other.van == each.van]
            assert most_at_once(others, each.window) == 0
            assert most_at_once((other.window for other in ahead), each.window) <= most


@settings(max_examples=300)
@given(st.lists(COMMAND, max_size=40))
def test_a_day_and_its_shipments_always_agree(commands: list[tuple[Any, ...]]) -> None:
    one = OneDay()
    for command in commands:
        one.run(*command)

        ahead = {each.shipment_id: each for each in one.day.ahead}
        assert len(ahead) == len(one.day.ahead), "a shipment has one delivery ahead"
        assert ahead.keys() == {each.shipment_id for each in one.shipments if each.is_scheduled}
        for shipment in one.shipments:
            if delivery := ahead.get(shipment.shipment_id):
                of_shipment = shipment.window
                assert of_shipment is not None
                assert (of_shipment.van, of_shipment.window_from) == (delivery.van, delivery.window_from)
                is_on_its_way = shipment.status is ShipmentStatus.DISPATCHED
                assert (delivery.started_at is not None) == is_on_its_way


@settings(max_examples=200)
@given(st.lists(COMMAND, max_size=40))
def test_stored_events_and_snapshots_lead_to_each_state(commands: list[tuple[Any, ...]]) -> None:
    one = OneDay()
    for command in commands:
        one.run(*command)

    for version, state in enumerate(one.history):
        assert fold(state.key, [CODEC.decode(*each) for each in one.stream[:version]]) == state
        assert msgspec.json.decode(msgspec.json.encode(state), type=Day) == state
        assert state.version == version
