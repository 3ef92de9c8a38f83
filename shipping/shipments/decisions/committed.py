"""Whether a store has the units of a shipment: those of an order that came short may not be there."""

from __future__ import annotations

from contracts.inventory.sourcing import SourcingStatus
from contracts.shipping import ShipmentStatus
from shipping.shipments.decisions.grouping import Sourcing, committed_lines
from shipping.shipments.decisions.rules import Rule, Violation, check
from shipping.shipments.state import Shipment


def check_committed(state: Shipment, sourcing: Sourcing) -> None:
    """Raises RuleBroken for a shipment that has not left and has units that its store does not give.

    Only an order that came short is checked. What the store has can be split off and sent.
    """
    is_short = sourcing.status == SourcingStatus.SHORT and not sourcing.is_deleted
    if not is_short or state.status is not ShipmentStatus.PACKED:
        return
    given = {
        line.order_line_id: sum(part.quantity for part in line.parts if part.store_id == state.location)
        for line in committed_lines(sourcing)
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
