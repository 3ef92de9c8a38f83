"""The examples of the OpenAPI document: a stock, its movements and an allocation."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

STORE_ID = "seattle"
SKU = "NW-0001"
ORDER_ID = "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e10"
ALLOCATION_ID = "5d0c2f6e-7a3b-5f1c-9b1e-3f2a8c4d6e70"

STOCK: Example = {
    "storeId": STORE_ID,
    "sku": SKU,
    "onHand": 38,
    "unsellable": 1,
    "committed": 2,
    "free": 35,
    "movements": 2,
    "reorderAt": 10,
    "reorderTo": 40,
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 5,
}
LEVELS: Example = {"reorderAt": 10, "reorderTo": 40}
NEW_MOVEMENT: Example = {"sku": SKU, "delta": -1, "reason": "sold", "reference": "till-3/4711/1"}
MOVEMENT: Example = {
    "id": "01990b40-57d1-7b14-8b5e-0c9b2a1f3e20",
    "sku": SKU,
    "sequence": 2,
    "delta": -1,
    "unsellableDelta": 0,
    "onHandAfter": 38,
    "unsellableAfter": 1,
    "reason": "sold",
    "reference": "till-3/4711/1",
    "caller": "till-3",
    "happenedAt": "2026-01-31T12:00:00Z",
    "recordedAt": "2026-01-31T12:00:00Z",
}
NEW_COUNT: Example = {"sku": SKU, "counted": 38, "countedAt": 2}
ALLOCATION: Example = {
    "id": ALLOCATION_ID,
    "sku": SKU,
    "orderId": ORDER_ID,
    "quantity": 2,
    "shipped": 0,
    "state": "committed",
    "answeredAt": "2026-01-31T12:00:00Z",
    "version": 1,
}
SHORT_ALLOCATION: Example = {**ALLOCATION, "state": "short", "version": 2}
NEW_SHORTAGE: Example = {"quantity": 1, "reason": "missing"}
CHANGE: Example = {"movement": MOVEMENT, "stock": STOCK, "short": []}
COUNT: Example = {
    "difference": 0,
    "movement": {**MOVEMENT, "sequence": 3, "delta": 0, "reason": "counted", "reference": None},
    "stock": {**STOCK, "movements": 3, "version": 6},
    "short": [],
}
SHORTAGE: Example = {
    "movement": {**MOVEMENT, "sequence": 3, "onHandAfter": 37, "reason": "counted", "reference": None},
    "stock": {**STOCK, "onHand": 37, "committed": 0, "free": 36, "movements": 3, "version": 6},
    "short": [SHORT_ALLOCATION],
}
