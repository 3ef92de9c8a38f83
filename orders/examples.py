"""The examples of the OpenAPI document: orders and their commands."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic.alias_generators import to_camel

from contracts.orders import OrderRow

Example = dict[str, Any]

CUSTOMER_ID = "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"
ADDRESS_ID = "01990b3e-6a50-7c3e-9a3f-2b200d1c5e21"
ORDER_ID = "01990b41-0c1e-7d52-8b7e-5d3a9c2f4e18"
LINE_ID = "01990b41-0c1e-7d52-8b7e-5d3b1f6e8a07"

_LINE: Example = {"sku": "NW-0001", "quantity": 3, "deliveryAddressId": ADDRESS_ID}

NEW_ORDER: Example = {
    "customerId": CUSTOMER_ID,
    "lines": [{**_LINE, "unitPrice": "18.00", "discount": "0.15"}],
}
CHANGED_LINES: Example = {"lines": [{"id": LINE_ID, **_LINE, "quantity": 5}, {**_LINE, "sku": "NW-0002"}]}
IMPORTED_ORDER: Example = {
    "externalId": "10248",
    "source": "northwind",
    "customerId": CUSTOMER_ID,
    "status": "shipped",
    "currency": "USD",
    "placedAt": "1996-07-04T00:00:00Z",
    "requiredAt": "1996-08-01T00:00:00Z",
    "shippedAt": "1996-07-16T00:00:00Z",
    "freight": "32.38",
    "lines": [{**_LINE, "unitPrice": "14.40"}],
}
CORRECTED_ADDRESS: Example = {
    "deliveryAddressId": ADDRESS_ID,
    "recipient": "Ana Trujillo",
    "company": "Ana Trujillo Emparedados y helados",
    "phone": "+52 55 5555 4729",
    "streetType": "Avenida",
    "street": "Avda. de la Constitución",
    "number": "2223",
    "reference": "beside the bakery",
    "city": "México D.F.",
    "postalCode": "05021",
    "country": "MX",
    "latitude": 19.432608,
    "longitude": -99.133209,
}
REASON: Example = {"reason": "the customer has changed their mind"}

_NOT_YET: Example = {
    to_camel(field.name): None
    for field in msgspec.structs.fields(OrderRow)
    if field.default is None and field.name != "erased_at"
}
"""The members that a newly placed order does not have yet."""

SUMMARY: Example = {
    "id": ORDER_ID,
    **_NOT_YET,
    "number": "1042",
    "source": None,
    "customerId": CUSTOMER_ID,
    "status": "placed",
    "allowedTransitions": ["confirmed", "backordered", "rejected", "cancelled"],
    "currency": "USD",
    "subtotal": "45.90",
    "freight": "0.00",
    "total": "45.90",
    "placedAt": "2026-01-31T12:05:00Z",
    "createdAt": "2026-01-31T12:05:00Z",
    "updatedAt": "2026-01-31T12:05:00Z",
    "version": 1,
}
ORDER: Example = {
    **SUMMARY,
    "lines": [
        {
            "id": LINE_ID,
            "lineNumber": 1,
            "sku": "NW-0001",
            "productName": "Chai",
            "quantity": 3,
            "unitPrice": "18.00",
            "discount": "0.15",
            "amount": "45.90",
            "deliveryAddressId": ADDRESS_ID,
        }
    ],
    "deliveryAddresses": [
        {
            "id": ADDRESS_ID,
            "recipient": "Ana Trujillo",
            "company": "Ana Trujillo Emparedados y helados",
            "phone": "+52 55 5555 4729",
            "streetType": "Avenida",
            "street": "Avda. de la Constitución",
            "number": "2222",
            "building": None,
            "department": None,
            "reference": "beside the bakery",
            "city": "México D.F.",
            "region": None,
            "postalCode": "05021",
            "country": "MX",
            "latitude": 19.432608,
            "longitude": -99.133209,
        }
    ],
}
HAPPENING: Example = {
    "command": "place",
    "caller": "storefront",
    "fromVersion": None,
    "toVersion": 1,
    "status": "placed",
    "reason": None,
    "happenedAt": "2026-01-31T12:05:00Z",
}
EXPORTED_ORDER: Example = {
    **ORDER,
    "exported": {"erasedAt": None, "linesVersion": 1, "formerLines": [], "history": [HAPPENING]},
}
