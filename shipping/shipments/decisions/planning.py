"""Plans shipments and splits them. No unit of an order is in two shipments, and none gets lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from msgspec.structs import replace

from contracts.shipping import ShipmentStatus, ShippedLine
from shipping.shipments.decisions.rules import Rule, Violation, check, status_is
from shipping.shipments.events import AddressCorrected, ShipmentEvent, ShipmentPlanned, ShipmentSplit
from shipping.shipments.state import OPEN, Shipment
from shipping.shipments.values import Place, Units


class NamedUnits(Protocol):
    """Units of an order line."""

    @property
    def order_line_id(self) -> UUID:
        """The line."""
        ...

    @property
    def quantity(self) -> int:
        """How many."""
        ...


class Split(NamedTuple):
    """The events of a split: of the shipment, and of the new one. They belong into one transaction."""

    source: list[ShipmentEvent]
    new: list[ShipmentEvent]


def plan(
    shipment_id: UUID, planned: ShipmentPlanned, ordered: Mapping[UUID, int], others: Iterable[Shipment]
) -> list[ShipmentEvent]:
    """Plan a shipment. `ordered` has the units of each line of the order, `others` all shipments that the order has.

    Raises RuleBroken.
    """
    others, lines = list(others), planned.lines
    violations = of_named(lines)
    if shipment_id in {each.shipment_id for each in others}:
        violations.append(Violation(Rule.PLANNED_ONCE, f"Shipment {shipment_id} exists."))
    units = units_of(others)
    for number, line in enumerate(lines):
        left = ordered.get(line.order_line_id, 0) - units[line.order_line_id]
        if line.quantity > left:
            detail = f"{max(left, 0)} units of line {line.order_line_id} are in no shipment yet, not {line.quantity}."
            violations.append(Violation(Rule.QUANTITY_IS_WHAT_WAS_ORDERED, detail, f"#/lines/{number}/quantity"))
    check(violations)
    return [planned]


def units_of(shipments: Iterable[Shipment]) -> Counter[UUID]:
    """The units of each order line that are in shipments which are not cancelled."""
    units: Counter[UUID] = Counter()
    for shipment in shipments:
        if shipment.status is not ShipmentStatus.CANCELLED:
            for line in shipment.lines:
                units[line.order_line_id] += line.quantity
    return units


def split(state: Shipment, units: Sequence[Units], into: UUID, at: datetime) -> Split:
    """Move units to a new shipment, which has the address and the location of this one. Raises RuleBroken."""
    violations = status_is(state, [ShipmentStatus.PLANNED], Rule.ONLY_PLANNED_IS_SPLIT, "split")
    violations += of_named(units)
    if into == state.shipment_id:
        violations.append(Violation(Rule.SPLIT_IS_INTO_ANOTHER, "The units are in this shipment."))
    lines = {each.order_line_id: each for each in state.lines}
    for number, each in enumerate(units):
        present = lines[each.order_line_id].quantity if each.order_line_id in lines else 0
        if each.quantity > present:
            detail = f"The shipment has {present} units of line {each.order_line_id}, not {each.quantity}."
            violations.append(Violation(Rule.UNITS_ARE_IN_THE_SHIPMENT, detail, f"#/lines/{number}/quantity"))
    is_all = sum(each.quantity for each in units) >= sum(each.quantity for each in state.lines)
    if is_all and not violations:
        violations.append(Violation(Rule.SPLIT_LEAVES_UNITS, "No units would be left in the shipment.", "#/lines"))
    check(violations)
    moved = tuple(replace(lines[each.order_line_id], quantity=each.quantity) for each in units)
    return Split([ShipmentSplit(into=into, lines=moved, at=at)], [_split_off(state, moved, at)])


def correct_address(state: Shipment, place: Place, at: datetime) -> list[ShipmentEvent]:
    """Follow a correction of the address; nothing if the place is the same. Raises RuleBroken."""
    if place == state.place:
        return []
    check(status_is(state, OPEN, Rule.NO_CORRECTION_AFTER_DISPATCH, "sent elsewhere"))
    return [AddressCorrected(city=place.city, region=place.region, country=place.country, at=at)]


def _split_off(state: Shipment, lines: tuple[ShippedLine, ...], at: datetime) -> ShipmentPlanned:
    return ShipmentPlanned(
        order_id=state.order_id,
        customer_id=state.customer_id,
        delivery_address_id=state.delivery_address_id,
        city=state.city,
        region=state.region,
        country=state.country,
        location=state.location,
        lines=lines,
        split_from=state.shipment_id,
        at=at,
    )


def of_named(lines: Sequence[NamedUnits]) -> list[Violation]:
    """What is wrong with a list of lines in itself."""
    violations = [] if lines else [Violation(Rule.HAS_LINES, "Name at least one line.", "#/lines")]
    seen: set[UUID] = set()
    for number, each in enumerate(lines):
        if each.order_line_id in seen:
            detail = f"Line {each.order_line_id} is named twice."
            violations.append(Violation(Rule.LINE_IS_NAMED_ONCE, detail, f"#/lines/{number}/orderLineId"))
        seen.add(each.order_line_id)
        if each.quantity < 1:
            detail = f"The quantity is {each.quantity}; the least is 1."
            violations.append(Violation(Rule.QUANTITY_IS_POSITIVE, detail, f"#/lines/{number}/quantity"))
    return violations
