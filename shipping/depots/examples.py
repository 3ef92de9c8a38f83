"""The examples of the OpenAPI document: depots."""

from __future__ import annotations

from typing import Any

DEPOT_ID = "berlin"
ZONE = "Europe/Berlin"
VAN = "van-1"

NEW_DEPOT: dict[str, Any] = {
    "name": "Berlin Mitte",
    "zone": ZONE,
    "opens": "08:00",
    "closes": "18:00",
    "parallelDeliveries": 3,
    "vans": [VAN, "van-2"],
}
DEPOT: dict[str, Any] = {
    "id": DEPOT_ID,
    **NEW_DEPOT,
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 1,
}
