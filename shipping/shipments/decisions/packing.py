"""Packs a shipment into parcels, and gives them tracking numbers. The numbers themselves are on the row only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from contracts.shipping import ShipmentStatus
from shipping.shipments.decisions.rules import Rule, Violation, check, status_is
from shipping.shipments.events import ShipmentEvent, ShipmentPacked, TrackingNumberGiven
from shipping.shipments.state import Shipment
from shipping.shipments.values import PackedParcel

_ACTIVE = (ShipmentStatus.PACKED, ShipmentStatus.DISPATCHED, ShipmentStatus.FAILED, ShipmentStatus.RECALLED)


def pack(state: Shipment, weights: Sequence[Decimal | None], at: datetime) -> list[ShipmentEvent]:
    """Pack a shipment into one parcel for each weight in kg, None if unknown. Raises RuleBroken."""
    violations = status_is(state, [ShipmentStatus.PLANNED], Rule.ONLY_PLANNED_IS_PACKED, "packed")
    if not weights:
        violations.append(Violation(Rule.HAS_PARCELS, "Name at least one parcel.", "#/parcels"))
    for number, weight in enumerate(weights):
        if weight is not None and not (weight.is_finite() and weight > 0):
            detail = f"The weight is {weight} kg; it must be more than 0."
            violations.append(Violation(Rule.WEIGHT_IS_POSITIVE, detail, f"#/parcels/{number}/weight"))
    check(violations)
    parcels = (PackedParcel(parcel_id=str(number), weight=weight) for number, weight in enumerate(weights, 1))
    return [ShipmentPacked(parcels=tuple(parcels), at=at)]


def give_tracking_number(state: Shipment, parcel_id: str, carrier: str | None, at: datetime) -> list[ShipmentEvent]:
    """Record that a parcel gets a tracking number, or another one, before dispatch or after. Raises RuleBroken."""
    violations = parcel_is_in(state, parcel_id)
    if state.parcels:
        rule = Rule.ONLY_ACTIVE_HAS_NEW_NUMBERS
        violations += status_is(state, _ACTIVE, rule, "given tracking numbers")
    if state.erased_at is not None:
        detail = "The customer was deleted; the shipment takes no tracking numbers."
        violations.append(Violation(Rule.NO_NUMBERS_AFTER_ERASURE, detail))
    check(violations)
    return [TrackingNumberGiven(parcel_id=parcel_id, carrier=carrier, at=at)]


def parcel_is_in(state: Shipment, parcel_id: str) -> list[Violation]:
    """The violation if the shipment does not have this parcel."""
    if any(each.parcel_id == parcel_id for each in state.parcels):
        return []
    known = ", ".join(each.parcel_id for each in state.parcels)
    detail = f"The shipment has no parcel {parcel_id}; it has {known}." if known else "The shipment is not packed."
    return [Violation(Rule.PARCEL_IS_IN_THE_SHIPMENT, detail)]
