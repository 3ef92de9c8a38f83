"""What happens to a packed shipment until it is delivered or back at its sender; what ends it before; its erasure."""

from __future__ import annotations

import re
from datetime import datetime

from contracts.shipping import ShipmentStatus
from shipping.shipments.decisions.rules import Rule, Violation, check, status_is
from shipping.shipments.events import (
    DeliveryFailed,
    DeliveryRetried,
    RecipientErased,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentRecalled,
    ShipmentReturned,
)
from shipping.shipments.state import OPEN, Shipment

ORDER_CANCELLED = "order-cancelled"
"""The reason of a cancellation or a recall that follows the order."""

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

_ON_ITS_WAY = (ShipmentStatus.DISPATCHED, ShipmentStatus.FAILED)


def dispatch(state: Shipment, carrier: str | None, at: datetime) -> list[ShipmentEvent]:
    """Send a packed shipment, or a failed one again; then the carrier stays. Raises RuleBroken."""
    if state.status is ShipmentStatus.FAILED:
        return retry(state, at)
    if state.status is ShipmentStatus.PLANNED:
        check([Violation(Rule.PARCELS_BEFORE_DISPATCH, "The shipment is not packed; pack it first.")])
    check(status_is(state, [ShipmentStatus.PACKED], Rule.ONLY_PACKED_OR_FAILED_IS_DISPATCHED, "dispatched"))
    of_parcels = next((each.carrier for each in state.parcels if each.carrier), None)
    parcel_ids = tuple(each.parcel_id for each in state.parcels)
    return [ShipmentDispatched(carrier=carrier or of_parcels, parcel_ids=parcel_ids, at=at)]


def deliver(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """The recipient has it. Raises RuleBroken."""
    check(status_is(state, [ShipmentStatus.DISPATCHED], Rule.ONLY_DISPATCHED_IS_DELIVERED, "delivered"))
    return [ShipmentDelivered(at=at)]


def fail(state: Shipment, reason: str, at: datetime) -> list[ShipmentEvent]:
    """An attempt to deliver it failed. Raises RuleBroken."""
    violations = status_is(state, [ShipmentStatus.DISPATCHED], Rule.ONLY_DISPATCHED_FAILS, "failed")
    check(violations + reason_is_a_code(reason))
    return [DeliveryFailed(attempt=state.attempts + 1, reason=reason, at=at)]


def retry(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """Begin the next attempt to deliver it. Raises RuleBroken."""
    check(status_is(state, [ShipmentStatus.FAILED], Rule.ONLY_FAILED_IS_RETRIED, "sent again"))
    return [DeliveryRetried(attempt=state.attempts + 1, at=at)]


def return_to_sender(state: Shipment, reason: str | None, at: datetime) -> list[ShipmentEvent]:
    """It is back. Without a reason, that of the failure or recall stays. Raises RuleBroken."""
    allowed = (ShipmentStatus.FAILED, ShipmentStatus.RECALLED)
    violations = status_is(state, allowed, Rule.ONLY_FAILED_OR_RECALLED_IS_RETURNED, "returned")
    check(violations + ([] if reason is None else reason_is_a_code(reason)))
    return [ShipmentReturned(reason=reason, at=at)]


def recall(state: Shipment, reason: str, at: datetime) -> list[ShipmentEvent]:
    """Ask for its return while it is on its way. Raises RuleBroken."""
    violations = status_is(state, _ON_ITS_WAY, Rule.ONLY_DISPATCHED_OR_FAILED_IS_RECALLED, "recalled")
    check(violations + reason_is_a_code(reason))
    return [ShipmentRecalled(reason=reason, at=at)]


def cancel(state: Shipment, reason: str, at: datetime) -> list[ShipmentEvent]:
    """End it before it leaves its location. Raises RuleBroken."""
    violations = status_is(state, OPEN, Rule.ONLY_PLANNED_OR_PACKED_IS_CANCELLED, "cancelled")
    check(violations + reason_is_a_code(reason))
    return [ShipmentCancelled(reason=reason, at=at)]


def follow_cancelled_order(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """Cancel or recall the shipment of a cancelled order; nothing if it has ended. Can be repeated."""
    if state.is_open:
        return cancel(state, ORDER_CANCELLED, at)
    return recall(state, ORDER_CANCELLED, at) if state.status in _ON_ITS_WAY else []


def erase(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """The personal data of the row is removed; nothing if it was before. The events stay as they are."""
    return [] if state.erased_at is not None else [RecipientErased(at=at)]


def reason_is_a_code(reason: str, pointer: str = "#/reason") -> list[Violation]:
    """The violation if it is not: free text might be about a person, and events are kept for ever."""
    if _CODE.fullmatch(reason):
        return []
    detail = "The reason must be 1 to 40 lower case letters, digits, hyphens and underscores."
    return [Violation(Rule.REASON_IS_A_CODE, detail, pointer)]
