"""The topics `customer` and `address`, which Kafka Connect writes from the `customers` database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from contracts.rows import Row
from contracts.topics import Kind, Topic


class CustomerRow(Row, kw_only=True, frozen=True):
    """One customer: a person who orders, alone or for a company, or a company.

    A customer has at least one of the names, the email address and the phone number.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {
        "name": None,
        "last_name": None,
        "email": None,
        "identity_document": None,
        "phone": None,
        "company": None,
    }

    customer_id: UUID
    name: str | None = None
    last_name: str | None = None
    email: str | None = None
    identity_document: str | None = None
    phone: str | None = None
    company: str | None = None
    active: bool
    created_at: datetime
    updated_at: datetime


class AddressRow(Row, kw_only=True, frozen=True):
    """One address of one customer. Latitude and longitude are degrees (WGS 84).

    `recipient`, `company` and `phone` are those of the delivery, which may be for somebody else than the customer.
    """

    PERSONAL: ClassVar[Mapping[str, object]] = {
        "recipient": None,
        "company": None,
        "phone": None,
        "street_type": None,
        "street": "",
        "number": None,
        "building": None,
        "department": None,
        "reference": None,
        "postal_code": None,
        "latitude": None,
        "longitude": None,
    }

    address_id: UUID
    customer_id: UUID
    recipient: str | None = None
    company: str | None = None
    phone: str | None = None
    street_type: str | None = None
    street: str
    number: str | None = None
    building: str | None = None
    department: str | None = None
    reference: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    created_at: datetime
    updated_at: datetime


CUSTOMER: Topic[CustomerRow] = Topic(
    name="customer",
    kind=Kind.STATE,
    message=CustomerRow,
    key="customer_id",
    identity="customer_id",
    writer="connect:oms-customers",
    readers=("orders", "orders_stream", "shipping"),
    is_personal=True,
)

ADDRESS: Topic[AddressRow] = Topic(
    name="address",
    kind=Kind.STATE,
    message=AddressRow,
    key="address_id",
    identity="address_id",
    writer="connect:oms-customers",
    readers=("orders", "orders_stream"),
    is_personal=True,
)
