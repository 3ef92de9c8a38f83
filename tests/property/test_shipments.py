"""Random commands on the shipments of one order: no unit is lost or doubled, and the events lead to the state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.inventory.sourcing import SourcedLine, SourcedPart
from contracts.shipping import ShipmentStatus, TrackingEvent
from shipping.events.codec import Encoded, encode
from shipping.shipments.decisions import delivering
from shipping.shipments.decisions.grouping import group
from shipping.shipments.decisions.packing import give_tracking_number, pack
from shipping.shipments.decisions.planning import split, units_of
from shipping.shipments.decisions.regrouping import RESOURCED, regroup
from shipping.shipments.decisions.rules import RuleBroken
from shipping.shipments.decisions.tracking import record_tracking
from shipping.shipments.diagram import NEXT_STATUSES
from shipping.shipments.events import CODEC, ShipmentEvent
from shipping.shipments.folding import apply, fold
from shipping.shipments.state import Shipment
from shipping.shipments.values import TrackingCode, Units
from tests.support.shipments import an_order
from tests.support.shop.rows import NOON

STORES = ("lima", "berlin")
WHICH = st.integers(0, 5)
CODE = st.sampled_from(["recipient-absent", "refused", "No such person"])
PARCEL = st.sampled_from([None, "1", "2", "3"])
AGAIN = st.sampled_from(["dispatch", "deliver", "fail", "retry", "return", "recall", "cancel", "follow", "erase"])
COMMAND = st.one_of(
    st.tuples(st.just("split"), WHICH, st.lists(st.integers(0, 3), min_size=1, max_size=3)),
    st.tuples(st.just("pack"), WHICH, st.lists(st.sampled_from([None, Decimal("1.5"), Decimal(0)]), max_size=2)),
    st.tuples(st.just("number"), WHICH, st.sampled_from(["1", "2"])),
    st.tuples(st.just("track"), WHICH, st.integers(0, 9), st.sampled_from(TrackingCode), PARCEL, st.integers(0, 99)),
    st.tuples(AGAIN, WHICH, CODE),
    st.tuples(st.just("source"), st.lists(st.integers(0, 4), min_size=3, max_size=3), st.booleans()),
)
COMMANDS = st.lists(COMMAND, max_size=30)


class OneOrder:
    """The shipments of an order as a database would have them: events as text, and the row that they lead to."""

    def __init__(self, *quantities: int) -> None:
        self.order = an_order(*quantities)
        self.streams: dict[UUID, list[Encoded]] = {}
        self.rows: dict[UUID, Shipment] = {}
        self.refusals: list[RuleBroken] = []
        self.minutes = 0
        self.source([0] * len(quantities), False)

    def run(self, name: str, *values: Any) -> None:
        """Run a command; one that is refused changes nothing."""
        self.minutes += 1
        try:
            if name == "source":
                self.source(*values)
            elif self.rows:
                self._on_one(name, *values)
        except RuleBroken as error:
            self.refusals.append(error)

    def source(self, of_first: Sequence[int], replaces_cancelled: bool) -> None:
        """So many units of each line come from the first store, the rest from the second."""
        lines = []
        for line, units in zip(self.order.lines, of_first, strict=False):
            first = min(units, line.quantity)
            parts = [
                SourcedPart(state="committed", quantity=quantity, store_id=store_id, reservation_id=uuid4())
                for store_id, quantity in zip(STORES, (first, line.quantity - first), strict=True)
                if quantity
            ]
            lines.append(
                SourcedLine(
                    sku=line.sku, parts=parts, quantity=line.quantity, backordered=0, order_line_id=line.order_line_id
                )
            )
        groups = group(self.order, lines, "main")
        again = {"replaces_cancelled": replaces_cancelled}
        self.append(regroup(self.order, groups, [*self.rows.values()], self.now, **again))
        assert regroup(self.order, groups, [*self.rows.values()], self.now, **again) == {}, "it can be repeated"

    def append(self, changes: dict[UUID, list[ShipmentEvent]]) -> None:
        """Write the events, and the row that they lead to; the status takes the steps of the diagram."""
        for shipment_id, events in changes.items():
            self.streams.setdefault(shipment_id, []).extend(encode(event) for event in events)
            before = self.rows.get(shipment_id)
            if before is None:
                planned = fold(shipment_id, events)
                assert planned is not None
                self.rows[shipment_id] = planned
                continue
            for event in events:
                after = apply(before, event)
                assert after.status is before.status or after.status in NEXT_STATUSES[before.status]
                before = after
            self.rows[shipment_id] = before

    @property
    def now(self) -> Any:
        return NOON + timedelta(minutes=self.minutes)

    def _on_one(self, name: str, which: int, *values: Any) -> None:
        state = [*self.rows.values()][which % len(self.rows)]
        if name == "split":
            self._split(state, *values)
        elif name == "track":
            self._track(state, *values)
        else:
            self.append({state.shipment_id: self._commands(state, *values)[name]()})

    def _split(self, state: Shipment, quantities: Sequence[int]) -> None:
        into = uuid5(state.shipment_id, str(len(self.rows)))
        lines = zip(state.lines, quantities, strict=False)
        units = [Units(order_line_id=line.order_line_id, quantity=quantity) for line, quantity in lines]
        done = split(state, units, into, self.now)
        self.append({state.shipment_id: done.source, into: done.new})

    def _track(self, state: Shipment, event_id: int, code: TrackingCode, parcel_id: str | None, minutes: int) -> None:
        at = NOON + timedelta(minutes=minutes)
        report = TrackingEvent(event_id=str(event_id), code=code, parcel_id=parcel_id, at=at)
        self.append({state.shipment_id: record_tracking(state, report)})
        assert record_tracking(self.rows[state.shipment_id], report) == [], "a report is kept once"

    def _commands(self, state: Shipment, value: Any) -> dict[str, Callable[[], list[ShipmentEvent]]]:
        at = self.now
        return {
            "pack": lambda: pack(state, value, at),
            "number": lambda: give_tracking_number(state, value, "dhl", at),
            "dispatch": lambda: delivering.dispatch(state, "dhl", at),
            "deliver": lambda: delivering.deliver(state, at),
            "fail": lambda: delivering.fail(state, value, at),
            "retry": lambda: delivering.retry(state, at),
            "return": lambda: delivering.return_to_sender(state, value, at),
            "recall": lambda: delivering.recall(state, value, at),
            "cancel": lambda: delivering.cancel(state, value, at),
            "follow": lambda: delivering.follow_cancelled_order(state, at),
            "erase": lambda: delivering.erase(state, at),
        }

    def replayed(self, shipment_id: UUID, until: int | None = None) -> Shipment | None:
        """The state of a shipment from its stored events, up to a version."""
        return fold(shipment_id, [CODEC.decode(*each) for each in self.streams[shipment_id][:until]])


QUANTITIES = st.lists(st.integers(1, 3), min_size=3, max_size=3)


def played(quantities: Sequence[int], commands: Sequence[tuple[Any, ...]]) -> OneOrder:
    one = OneOrder(*quantities)
    for command in commands:
        one.run(*command)
    return one


@settings(max_examples=300)
@given(QUANTITIES, COMMANDS)
def test_no_unit_is_lost_or_doubled(quantities: list[int], commands: list[tuple[Any, ...]]) -> None:
    one = OneOrder(*quantities)
    for command in commands:
        live = units_of(one.rows.values())
        cancelled = {each.shipment_id for each in one.rows.values() if each.status is ShipmentStatus.CANCELLED}

        one.run(*command)

        ended = [each for each in one.rows.values() if each.status is ShipmentStatus.CANCELLED]
        lost = Counter[UUID]()
        for each in ended:
            if each.shipment_id not in cancelled and each.reason != RESOURCED:
                lost.update({line.order_line_id: line.quantity for line in each.lines})
        after = units_of(one.rows.values())
        if command[0] == "source":
            assert after == (Counter(one.order.units) if command[2] else live)
        else:
            assert after + lost == live


@settings(max_examples=200)
@given(QUANTITIES, st.lists(COMMAND.filter(lambda each: each[0] not in ("cancel", "follow")), max_size=30))
def test_units_that_nobody_cancels_are_always_those_ordered(
    quantities: list[int], commands: list[tuple[Any, ...]]
) -> None:
    one = OneOrder(*quantities)
    for command in commands:
        one.run(*command)
        assert units_of(one.rows.values()) == one.order.units


@settings(max_examples=200)
@given(QUANTITIES, COMMANDS)
def test_stored_events_lead_to_each_state(quantities: list[int], commands: list[tuple[Any, ...]]) -> None:
    one = OneOrder(*quantities)
    history: dict[tuple[UUID, int], Shipment] = {}
    for command in commands:
        one.run(*command)
        history |= {(each.shipment_id, each.version): each for each in one.rows.values()}

    for (shipment_id, version), state in history.items():
        assert one.replayed(shipment_id, version) == state
    for shipment_id, stream in one.streams.items():
        assert one.rows[shipment_id].version == len(stream)
    assert all(each.violations for each in one.refusals), "a refusal names its rules"


@settings(max_examples=100)
@given(QUANTITIES, COMMANDS)
def test_erasure_leaves_the_events_as_they_were(quantities: list[int], commands: list[tuple[Any, ...]]) -> None:
    one = played(quantities, commands)
    streams = {shipment_id: [*stream] for shipment_id, stream in one.streams.items()}
    rows = {**one.rows}

    for each in rows.values():
        one.append({each.shipment_id: delivering.erase(each, one.now)})

    for shipment_id, stream in streams.items():
        assert one.streams[shipment_id][: len(stream)] == stream
        assert one.replayed(shipment_id, len(stream)) == rows[shipment_id]
        erased = one.rows[shipment_id]
        assert erased.erased_at is not None
        same = {"erased_at": erased.erased_at, "version": erased.version}
        assert msgspec.structs.replace(rows[shipment_id], **same) == erased


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(TrackingCode), st.integers(0, 99)), max_size=20))
def test_tracking_is_sorted_and_each_report_kept_once(reports: list[tuple[int, TrackingCode, int]]) -> None:
    one = OneOrder(1)
    [state] = one.rows.values()
    state = reduce(apply, pack(state, [None], NOON), state)
    ended = None
    for event_id, code, minutes in reports:
        report = TrackingEvent(event_id=str(event_id), code=code, at=NOON + timedelta(minutes=minutes))
        state = reduce(apply, record_tracking(state, report), state)
        assert ended is None or state.status is ended, "what has ended stays so"
        ended = state.status if not NEXT_STATUSES[state.status] else None

    times = [each.at for each in state.tracking]
    assert times == sorted(times)
    assert {each.event_id for each in state.tracking} == {str(event_id) for event_id, _, _ in reports}
    assert len(state.tracking) == len({event_id for event_id, _, _ in reports})
