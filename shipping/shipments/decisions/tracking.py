"""What carriers report: kept once and sorted by time, however it arrives; it moves the status forward only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from contracts.shipping import ShipmentStatus, TrackingEvent
from shipping.shipments.decisions.delivering import deliver, dispatch, fail, retry, return_to_sender
from shipping.shipments.decisions.packing import parcel_is_in
from shipping.shipments.decisions.rules import check
from shipping.shipments.events import ShipmentEvent, TrackingRecorded
from shipping.shipments.folding import apply
from shipping.shipments.state import Shipment
from shipping.shipments.values import TrackingCode

FAILED_ATTEMPT = "carrier-attempt-failed"
"""The reason of a failure that a carrier reports."""

PARCELS_DIFFER = "parcels-differ"
"""The reason of a failure of a shipment of which some parcels were delivered and the others returned. Nobody knows
which units are in which, so somebody decides whether it counts as delivered or as returned.
"""

_MOVING = (TrackingCode.PICKED_UP, TrackingCode.IN_TRANSIT, TrackingCode.OUT_FOR_DELIVERY)
_LEFT = (*_MOVING, TrackingCode.ATTEMPT_FAILED, TrackingCode.DELIVERED, TrackingCode.RETURNED)
_ENDS = (TrackingCode.DELIVERED, TrackingCode.RETURNED)
_UNDERWAY = (ShipmentStatus.DISPATCHED, ShipmentStatus.FAILED)


def record_tracking(state: Shipment, reported: TrackingEvent) -> list[ShipmentEvent]:
    """Keep a carrier's report, and what follows from it; nothing if a report with its `event_id` was kept before.

    A code that is not a TrackingCode is kept as `other`. A shipment of several parcels is delivered, or returned, once
    the carrier has reported so of each; it has failed once that is reported of each, and differs. Raises RuleBroken for
    a parcel that the shipment does not have.
    """
    if any(each.event_id == reported.event_id for each in state.tracking):
        return []
    reported = replace(reported, code=TrackingCode(reported.code).value)
    check(parcel_is_in(state, reported.parcel_id) if reported.parcel_id is not None else [])
    recorded = TrackingRecorded(tracking_event=reported, at=reported.at)
    return [recorded, *_moves(apply(state, recorded), reported)]


def _moves(state: Shipment, reported: TrackingEvent) -> list[ShipmentEvent]:
    code, at = TrackingCode(reported.code), max(reported.at, _newest(state))
    moves: list[ShipmentEvent] = []

    def then(events: Iterable[ShipmentEvent]) -> None:
        nonlocal state
        for event in events:
            state = apply(state, event)
            moves.append(event)

    if state.status is ShipmentStatus.PACKED and code in _LEFT:
        then(dispatch(state, None, at))
    if state.status is ShipmentStatus.FAILED and code in _MOVING and _is_after_failure(state, at):
        then(retry(state, at))
    elif state.status is ShipmentStatus.DISPATCHED and code is TrackingCode.ATTEMPT_FAILED:
        then(fail(state, FAILED_ATTEMPT, at) if _is_after_failure(state, at) else [])
    elif state.status in _UNDERWAY and code is TrackingCode.DELIVERED and _is_of_all_parcels(state, code):
        then(retry(state, at) if state.status is ShipmentStatus.FAILED else [])
        then(deliver(state, at))
    elif code is TrackingCode.RETURNED and _is_of_all_parcels(state, code):
        then(_returned(state, at))
    elif state.status in _UNDERWAY and code in _ENDS and _is_of_all_parcels(state, *_ENDS):
        then(_differing(state, at))
    return moves


def _newest(state: Shipment) -> datetime:
    """When its status last changed: a carrier's clock that is behind does not move anything to before that."""
    times = (state.planned_at, state.packed_at, state.dispatched_at, state.failed_at, state.recalled_at)
    return max(each for each in times if each is not None)


def _returned(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """The return; before it the failure, of which the carrier said nothing."""
    if state.status is ShipmentStatus.DISPATCHED:
        [failed] = fail(state, FAILED_ATTEMPT, at)
        return [failed, *return_to_sender(apply(state, failed), None, at)]
    if state.status in (ShipmentStatus.FAILED, ShipmentStatus.RECALLED):
        return return_to_sender(state, None, at)
    return []


def _differing(state: Shipment, at: datetime) -> list[ShipmentEvent]:
    """The failure of a shipment whose parcels ended differently, once."""
    if state.status is ShipmentStatus.DISPATCHED:
        return fail(state, PARCELS_DIFFER, at)
    if state.reason == PARCELS_DIFFER:
        return []
    [retried] = retry(state, at)
    return [retried, *fail(apply(state, retried), PARCELS_DIFFER, at)]


def _is_after_failure(state: Shipment, at: datetime) -> bool:
    """Whether a report is about the current attempt: those from before the last failure are late."""
    return state.failed_at is None or at > state.failed_at


def _is_of_all_parcels(state: Shipment, *codes: TrackingCode) -> bool:
    """Whether one of these codes was reported of each parcel, or of the shipment as a whole."""
    reported = {each.parcel_id for each in state.tracking if each.code in codes}
    return None in reported or all(each.parcel_id in reported for each in state.parcels)
