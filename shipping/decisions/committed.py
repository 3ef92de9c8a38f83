"""Whether a store has the units of a shipment: those of an order that came short may not be there."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.inventory.reservations import ReservationState
from contracts.inventory.sourcing import SourcedLine, SourcingStatus
from contracts.shipping import ShipmentStatus
from shipping.decisions.rules import Rule, Violation, check
from shipping.events.state import Shipment

_GIVEN = (ReservationState.COMMITTED, ReservationState.SHIPPED)


def check_committed(state: Shipment, sourcing_status: str, sourced: Iterable[SourcedLine]) -> None:
    """Raises RuleBroken for a shipment that has not left and has units that its store does not give.

    Only an order that came short is checked. What the store has can be split off and sent.
    """
    if sourcing_status != SourcingStatus.SHORT or state.status is not ShipmentStatus.PACKED:
        return
    given = {
        line.order_line_id: sum(
            part.quantity for part in line.parts if part.store_id == state.location and part.state in _GIVEN
        )
        for line in sourced
    }
    check(
        [
            Violation(
                Rule.UNITS_ARE_COMMITTED,
                f"{state.location} gives {given[line.order_line_id]} units of line {line.order_line_id}, not "
                f"{line.quantity}: the order came short. Wait for other units, or cancel the shipment.",
            )
            for line in state.lines
            if line.quantity > given.get(line.order_line_id, line.quantity)
        ]
    )
