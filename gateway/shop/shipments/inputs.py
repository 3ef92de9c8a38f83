"""The status of a shipment, and the filter and sort orders that lists of shipments take."""

from __future__ import annotations

from enum import Enum

import strawberry

from contracts import shipping
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.keysets import Keyset

MAX_IDS = 100


@strawberry.enum(
    description="The status of a shipment. UNKNOWN stands for a status that this schema has no name for: it can be "
    "read, but not used in filters."
)
class ShipmentStatus(OpenEnum):
    """The status of a shipment. Unknown values are read as UNKNOWN, never refused."""

    PLANNED = stored_value(shipping.ShipmentStatus.PLANNED, "To be packed.")
    PACKED = stored_value(shipping.ShipmentStatus.PACKED, "In parcels; to be dispatched.")
    DISPATCHED = stored_value(shipping.ShipmentStatus.DISPATCHED, "On its way to the customer.")
    DELIVERED = stored_value(shipping.ShipmentStatus.DELIVERED, "Delivered.")
    FAILED = stored_value(shipping.ShipmentStatus.FAILED, "Could not be delivered; `reason` says why.")
    RETURNED = stored_value(shipping.ShipmentStatus.RETURNED, "Came back to its location.")
    RECALLED = stored_value(shipping.ShipmentStatus.RECALLED, "Called back on its way: its order was cancelled.")
    CANCELLED = stored_value(shipping.ShipmentStatus.CANCELLED, "Cancelled before it was dispatched; final.")
    UNKNOWN = stored_value("unknown", "A status that this schema has no name for.")


@strawberry.input(description="Shipments that match all given conditions; null conditions are ignored.")
class ShipmentFilter:
    """Shipments that match all given conditions."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"With one of these ids. 1 to {MAX_IDS}."
    )
    order_id: strawberry.ID | None = strawberry.field(default=None, description="Of this order.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Of this customer.")
    status: list[ShipmentStatus] | None = strawberry.field(
        default=None, description="In one of these statuses. At least one."
    )
    location: strawberry.ID | None = strawberry.field(
        default=None, description="From this location, such as `main`, or from this store: its `id`, or its own id."
    )


@strawberry.enum(description="The order of a list of shipments; ties are sorted by id.")
class ShipmentSort(Enum):
    """The order of a list of shipments."""

    PLANNED_AT_DESC = strawberry.enum_value("PLANNED_AT_DESC", description="Newest first.")
    PLANNED_AT_ASC = strawberry.enum_value("PLANNED_AT_ASC", description="Oldest first.")


KEYSETS = {
    ShipmentSort.PLANNED_AT_DESC: Keyset("planned", "planned_at", "shipment_id"),
    ShipmentSort.PLANNED_AT_ASC: Keyset("planned", "planned_at", "shipment_id", is_descending=False),
}

FILTER = strawberry.argument(description="Only shipments that match it.")

SORT = strawberry.argument(description="The order of the list; by default, newest first.")
