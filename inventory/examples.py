"""The examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

RESERVATION_ID = "01990b42-7d10-7c3e-8f2a-6b1f0c6a7d10"
ORDER_ID = "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e10"

LINE: Example = {"sku": "NW-0001", "quantity": 2}

NEW_RESERVATION: Example = {
    "lines": [LINE],
    "destination": {"country": "US", "region": "WA", "city": "Seattle"},
    "expiresInS": 600,
}
RESERVATION: Example = {
    "id": RESERVATION_ID,
    "status": "held",
    "orderId": None,
    "lines": [{**LINE, "parts": [{"storeId": "seattle", "quantity": 2}]}],
    "expiresAt": "2026-01-31T12:10:00Z",
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 1,
}
EXTENSION: Example = {"expiresInS": 900}

AVAILABILITY: Example = {
    "sku": "NW-0001",
    "storeId": "seattle",
    "onHand": 39,
    "unsellable": 0,
    "committed": 4,
    "reserved": 2,
    "available": 33,
    "safetyMargin": 3,
    "availableToPromise": 30,
    "incoming": 20,
    "hasBackorders": False,
    "freshUntil": "2026-01-31T12:00:00.123Z",
    "stale": False,
    "version": 12,
}
NEW_STORE: Example = {
    "id": "seattle",
    "name": "Seattle",
    "kind": "shop",
    "country": "US",
    "region": "WA",
    "city": "Seattle",
    "latitude": 47.608013,
    "longitude": -122.335167,
    "priority": 0,
    "sellsOnline": True,
}
STORE: Example = {
    **NEW_STORE,
    "freshUntil": "2026-01-31T12:00:00.123Z",
    "stale": False,
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 4,
}
NEW_POLICY: Example = {
    "tracked": True,
    "safetyMargin": 5,
    "backorders": "limit",
    "backorderLimit": 50,
    "leadTimeDays": 14,
}
POLICY: Example = {
    "storeId": "*",
    "sku": "NW-0001",
    **NEW_POLICY,
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 1,
}
RESTOCK_REQUEST_ID = "01990b43-11aa-7d20-9b1e-0c5d8e6f7a10"

NEW_RESTOCK_REQUEST: Example = {"storeId": "seattle", "sku": "NW-0003", "quantity": 37}
RESTOCK_REQUEST: Example = {
    "id": RESTOCK_REQUEST_ID,
    **NEW_RESTOCK_REQUEST,
    "status": "received",
    "added": 35,
    "refused": 2,
    "requestedAt": "2026-01-31T12:00:00.090Z",
    "receivedAt": "2026-01-31T12:00:20.310Z",
    "updatedAt": "2026-01-31T12:00:20.350Z",
    "version": 4,
}
SOURCING: Example = {
    "orderId": ORDER_ID,
    "linesVersion": 1,
    "status": "committed",
    "reason": None,
    "lines": [
        {
            "orderLineId": "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e11",
            "sku": "NW-0001",
            "quantity": 2,
            "backordered": 0,
            "parts": [
                {
                    "storeId": "seattle",
                    "quantity": 2,
                    "state": "committed",
                    "reservationId": "01990b42-7d10-7c3e-8f2a-6b1f0c6a7d11",
                }
            ],
        }
    ],
    "placedAt": "2026-01-31T12:00:00Z",
    "decidedAt": "2026-01-31T12:00:00.040Z",
    "updatedAt": "2026-01-31T12:00:00.090Z",
    "version": 2,
}

BACKORDER: Example = {
    "sku": "NW-0001",
    "orderId": ORDER_ID,
    "orderLineId": "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e11",
    "quantity": 3,
    "placedAt": "2026-01-31T12:00:00Z",
    "since": "2026-01-31T12:00:00.040Z",
    "expectedAt": "2026-02-14T12:00:00.040Z",
}

CHECK: Example = {"lines": [LINE]}
CHECKED: Example = {"available": True, "lines": [{"sku": "NW-0001", "wanted": 2, "available": 30}]}
