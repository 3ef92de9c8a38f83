"""Shipments folded from their stored events in memory, each decoded first. A separate process.

python -m benchmarks.shipping.folds SECONDS
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.shipping.histories import history, shipment_id
from shipping.events.codec import encode
from shipping.shipments.events import CODEC, ShipmentEvent
from shipping.shipments.folding import fold
from shipping.shipments.state import Shipment

SHIPMENTS = 200
"""Different ones, which are folded again and again."""

Columns = Mapping[str, Any]


class Folded(msgspec.Struct, frozen=True):
    """How many events were folded in how many seconds, and the last state that they led to."""

    events: int
    seconds: float
    state: dict[str, Any]

    @property
    def per_second(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def columns_of(events: Sequence[ShipmentEvent]) -> list[Columns]:
    """The columns of stored events that are read to fold them."""
    return [{"type": kind, "type_version": version, "data": data} for kind, version, data in map(encode, events)]


def folded(stored: Sequence[tuple[UUID, Sequence[Columns]]], seconds: float) -> Folded:
    """Fold all these streams again and again until the time is over."""
    events, began, state = 0, perf_counter(), None
    while (now := perf_counter()) < began + seconds:
        for key, rows in stored:
            state = fold(key, CODEC.decode_rows(rows))
            events += len(rows)
    assert state is not None
    return Folded(events, now - began, summary(state))


def summary(state: Shipment) -> dict[str, Any]:
    """What is compared of the states."""
    return {
        "id": str(state.shipment_id),
        "version": state.version,
        "status": state.status.value,
        "attempts": state.attempts,
        "carrier": state.carrier,
        "units": {line.sku: line.quantity for line in state.lines},
        "parcels": [[each.parcel_id, each.has_tracking_number] for each in state.parcels],
        "delivered_at": state.delivered_at.isoformat() if state.delivered_at else None,
    }


def main() -> None:
    """Print the measurement as JSON."""
    stored = [(shipment_id(number), columns_of(history(number))) for number in range(SHIPMENTS)]
    folded(stored, 1)  # warms up
    print(msgspec.json.encode(folded(stored, float(sys.argv[1]))).decode())


if __name__ == "__main__":
    main()
