"""Where the lines of an order go, as it was when the order was placed: it comes with the order's own row."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
import strawberry

from contracts.orders import read_addresses
from gateway.fields.fields import column, from_row


@strawberry.type(
    description="Where a line goes, as it was when the order was placed. Of an erased customer's only city, region and "
    "country are left."
)
class DeliveryAddress:
    """Where a line goes, as it was when the order was placed."""

    street_type: str | None = column("Avenue, street, square.")
    street: str | None = column("The street, or as much of the address as is on one line.")
    number: str | None = column("The house's number.")
    building: str | None = column("The building.")
    department: str | None = column("The flat or the office.")
    reference: str | None = column("How to find it.")
    city: str = column("The city.")
    region: str | None = column("The state, province or department of the country.")
    postal_code: str | None = column("The postal code.")
    country: str = column("ISO 3166-1 alpha-2, such as PE.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")


def as_placed(delivery_addresses: str) -> dict[UUID, DeliveryAddress]:
    """The delivery addresses in the JSON text of an order's row, by the id of the customer's address."""
    return {
        address.address_id: from_row(DeliveryAddress, msgspec.structs.asdict(address))
        for address in read_addresses(delivery_addresses)
    }
