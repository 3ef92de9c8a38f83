"""The examples of the OpenAPI document: delivery days."""

from __future__ import annotations

from typing import Any

from shipping.depots.examples import DEPOT_ID, VAN, ZONE
from shipping.shipments.examples import SHIPMENT_ID

DATE = "2026-02-02"
FROM, TO = "2026-02-02T08:00:00Z", "2026-02-02T10:00:00Z"

NEW_DELIVERY: dict[str, Any] = {"shipmentId": SHIPMENT_ID, "van": VAN, "from": FROM, "to": TO}
DELIVERY: dict[str, Any] = {
    "shipmentId": SHIPMENT_ID,
    "van": VAN,
    "from": FROM,
    "to": TO,
    "startedAt": "2026-02-02T07:40:00Z",
    "finishedAt": None,
    "outcome": None,
}
DAY: dict[str, Any] = {
    "depot": DEPOT_ID,
    "date": DATE,
    "zone": ZONE,
    "opens": "08:00",
    "closes": "18:00",
    "parallelDeliveries": 3,
    "vans": [VAN, "van-2"],
    "deliveries": [DELIVERY],
    "version": 3,
}
EVENT: dict[str, Any] = {
    "sequence": 3,
    "id": "01990b42-7d10-7c3e-8f2a-6b1f0c6a7d11",
    "type": "DeliveryStarted",
    "data": {"at": "2026-02-02T07:40:00Z", "shipmentId": SHIPMENT_ID},
    "caller": "warehouse",
    "causedBy": None,
    "happenedAt": "2026-02-02T07:40:00Z",
    "recordedAt": "2026-02-02T07:40:01Z",
}
START: dict[str, Any] = {"at": "2026-02-02T07:40:00Z"}
