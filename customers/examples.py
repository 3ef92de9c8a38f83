"""The examples of the OpenAPI document: customers and addresses."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

CUSTOMER_ID = "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"
ADDRESS_ID = "01990b3e-6a50-7c3e-9a3f-2b200d1c5e21"

NEW_CUSTOMER: Example = {
    "name": "Ana",
    "lastName": "Trujillo",
    "email": "ana.trujillo@example.com",
    "identityDocument": "TUJA680414",
    "phone": "+52 55 5555 4729",
    "company": "Ana Trujillo Emparedados y helados",
}
CUSTOMER: Example = {
    "id": CUSTOMER_ID,
    **NEW_CUSTOMER,
    "active": True,
    "createdAt": "2026-01-31T12:00:00Z",
    "updatedAt": "2026-01-31T12:00:00Z",
    "version": 1,
}

NEW_ADDRESS: Example = {
    "recipient": "Ana Trujillo",
    "company": "Ana Trujillo Emparedados y helados",
    "phone": "+52 55 5555 4729",
    "streetType": "Avenida",
    "street": "Avda. de la Constitución",
    "number": "2222",
    "city": "México D.F.",
    "postalCode": "05021",
    "country": "MX",
    "latitude": 19.432608,
    "longitude": -99.133209,
}
ADDRESS: Example = {
    "id": ADDRESS_ID,
    "customerId": CUSTOMER_ID,
    **NEW_ADDRESS,
    "building": None,
    "department": None,
    "reference": "beside the bakery",
    "region": None,
    "createdAt": "2026-01-31T12:00:05Z",
    "updatedAt": "2026-01-31T12:04:10Z",
    "version": 2,
}

LINE: Example = {**NEW_CUSTOMER, "addresses": [NEW_ADDRESS]}
