"""The examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

SHIPMENT_ID = "5f2b3a54-6f0e-5c0e-9a51-2d5f6a1b7c21"
ORDER_ID = "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e10"
ORDER_LINE_ID = "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e11"
ADDRESS_ID = "01990b3f-51c2-7a10-8d5e-7c9b1a2f3e40"
CUSTOMER_ID = "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"
CARRIER = "dhl"
TRACKING_NUMBER = "00340434161094000001"

LINE: Example = {"orderLineId": ORDER_LINE_ID, "lineNumber": 1, "sku": "NW-0001", "quantity": 3}
PARCEL: Example = {"id": "1", "weight": 1.25, "carrier": CARRIER, "trackingNumber": TRACKING_NUMBER}
TRACKING: Example = {
    "eventId": "dhl-4711",
    "code": "in_transit",
    "parcelId": "1",
    "city": "Leipzig",
    "country": "DE",
    "at": "2026-02-01T09:00:00Z",
}
SHIPMENT: Example = {
    "id": SHIPMENT_ID,
    "orderId": ORDER_ID,
    "customerId": CUSTOMER_ID,
    "status": "dispatched",
    "location": "seattle",
    "deliveryAddressId": ADDRESS_ID,
    "city": "Berlin",
    "region": None,
    "country": "DE",
    "lines": [LINE],
    "parcels": [PARCEL],
    "tracking": [TRACKING],
    "carrier": CARRIER,
    "attempts": 0,
    "reason": None,
    "receivedBy": None,
    "window": None,
    "plannedAt": "2026-01-31T12:00:00Z",
    "packedAt": "2026-01-31T13:00:00Z",
    "dispatchedAt": "2026-01-31T15:00:00Z",
    "deliveredAt": None,
    "cancelledAt": None,
    "returnedAt": None,
    "erasedAt": None,
    "updatedAt": "2026-02-01T09:00:05Z",
    "version": 5,
}
EVENT: Example = {
    "sequence": 4,
    "id": "01990b42-7d10-7c3e-8f2a-6b1f0c6a7d10",
    "type": "ShipmentDispatched",
    "data": {"at": "2026-01-31T15:00:00Z", "carrier": CARRIER, "parcelIds": ["1"]},
    "caller": "warehouse",
    "causedBy": None,
    "happenedAt": "2026-01-31T15:00:00Z",
    "recordedAt": "2026-01-31T15:00:01Z",
}
NEW_SHIPMENTS: Example = {"orderId": ORDER_ID}
SPLIT: Example = {"lines": [{"orderLineId": ORDER_LINE_ID, "quantity": 1}]}
PACKING: Example = {"parcels": [{"weight": 1.25}]}
DISPATCH: Example = {"carrier": CARRIER, "at": "2026-01-31T15:00:00Z"}
DELIVERY: Example = {"receivedBy": "Maria Anders", "at": "2026-02-02T10:30:00Z"}
FAILURE: Example = {"reason": "recipient-absent", "at": "2026-02-02T10:30:00Z"}
RETURN: Example = {"reason": "refused", "at": "2026-02-05T10:30:00Z"}
REASON: Example = {"reason": "damaged"}
NEW_PARCEL: Example = {"carrier": CARRIER, "trackingNumber": TRACKING_NUMBER}
CARRIER_EVENT: Example = {
    "eventId": "dhl-4711",
    "trackingNumber": TRACKING_NUMBER,
    "code": "in_transit",
    "city": "Leipzig",
    "country": "DE",
    "at": "2026-02-01T09:00:00Z",
}
CARRIER_RESULT: Example = {"eventId": "dhl-4711", "result": "recorded"}
