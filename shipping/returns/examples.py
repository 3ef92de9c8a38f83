"""The examples of the OpenAPI document."""

from __future__ import annotations

from shipping.shipments.examples import CUSTOMER_ID, ORDER_ID, ORDER_LINE_ID, Example

RETURN_ID = "01990b90-3c1e-7d52-8b7e-5d3a9c2f4e20"

NEW_RETURN: Example = {
    "orderId": ORDER_ID,
    "lines": [{"orderLineId": ORDER_LINE_ID, "quantity": 2, "reason": "too-small"}],
}
REFUSAL: Example = {"reason": "too-late"}
RECEIPT: Example = {
    "location": "seattle",
    "lines": [{"orderLineId": ORDER_LINE_ID, "sellable": 1, "damaged": 1}],
}
APPROVAL: Example = {"lines": [{"orderLineId": ORDER_LINE_ID, "amount": "6.67"}], "freight": "2.50"}
PAYMENT: Example = {"reference": "re_3NqYt2"}
RETURN: Example = {
    "id": RETURN_ID,
    "orderId": ORDER_ID,
    "customerId": CUSTOMER_ID,
    "origin": "delivered",
    "shipmentId": None,
    "status": "refund_approved",
    "rmaNumber": "RMA-5D3A9C2F4E20",
    "location": "seattle",
    "reason": None,
    "lines": [
        {
            "orderLineId": ORDER_LINE_ID,
            "lineNumber": 1,
            "sku": "NW-0001",
            "quantity": 2,
            "reason": "too-small",
            "sellable": 1,
            "damaged": 1,
            "refund": "6.67",
        }
    ],
    "refund": {"amount": "9.17", "freight": "2.50", "currency": "USD", "reference": None},
    "requestedAt": "2026-02-03T12:00:00Z",
    "authorisedAt": "2026-02-03T13:00:00Z",
    "refusedAt": None,
    "cancelledAt": None,
    "receivedAt": "2026-02-07T09:00:00Z",
    "refundApprovedAt": "2026-02-07T10:00:00Z",
    "refundedAt": None,
    "updatedAt": "2026-02-07T10:00:00Z",
    "version": 4,
}
EVENT: Example = {
    "sequence": 3,
    "id": "01990ba4-7d10-7c3e-8f2a-6b1f0c6a7d10",
    "type": "ReturnReceived",
    "data": {
        "at": "2026-02-07T09:00:00Z",
        "location": "seattle",
        "lines": [{"orderLineId": ORDER_LINE_ID, "sellable": 1, "damaged": 1}],
    },
    "caller": "warehouse",
    "causedBy": None,
    "happenedAt": "2026-02-07T09:00:00Z",
    "recordedAt": "2026-02-07T09:00:00Z",
}
