"""The status and the origin of a return, and the filter and sort orders that lists of returns take."""

from __future__ import annotations

from enum import Enum

import strawberry

from contracts import order_returns
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.keysets import Keyset

MAX_IDS = 100


@strawberry.enum(
    description="The status of a return. UNKNOWN stands for a status that this schema has no name for: it can be "
    "read, but not used in filters."
)
class ReturnStatus(OpenEnum):
    """The status of a return. Unknown values are read as UNKNOWN, never refused."""

    REQUESTED = stored_value(order_returns.ReturnStatus.REQUESTED, "The customer asks for it; to be decided.")
    AUTHORISED = stored_value(order_returns.ReturnStatus.AUTHORISED, "The customer may send the units.")
    REFUSED = stored_value(order_returns.ReturnStatus.REFUSED, "The customer keeps the units; final.")
    CANCELLED = stored_value(order_returns.ReturnStatus.CANCELLED, "The units do not come back; final.")
    RECEIVED = stored_value(order_returns.ReturnStatus.RECEIVED, "Units came back; the refund is to be approved.")
    REFUND_APPROVED = stored_value(order_returns.ReturnStatus.REFUND_APPROVED, "The refund is to be paid.")
    REFUNDED = stored_value(order_returns.ReturnStatus.REFUNDED, "The refund was paid; final.")
    UNKNOWN = stored_value("unknown", "A status that this schema has no name for.")


@strawberry.enum(description="Why units come back. UNKNOWN stands for an origin that this schema has no name for.")
class ReturnOrigin(OpenEnum):
    """Why units come back. Unknown values are read as UNKNOWN, never refused."""

    DELIVERED = stored_value(order_returns.ReturnOrigin.DELIVERED, "The customer sends delivered units back.")
    RETURNED_TO_SENDER = stored_value(
        order_returns.ReturnOrigin.RETURNED_TO_SENDER, "A shipment came back before it was delivered."
    )
    UNKNOWN = stored_value("unknown", "An origin that this schema has no name for.")


@strawberry.input(description="Returns that match all given conditions; null conditions are ignored.")
class ReturnFilter:
    """Returns that match all given conditions."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"With one of these ids. 1 to {MAX_IDS}."
    )
    order_id: strawberry.ID | None = strawberry.field(default=None, description="Of this order.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Of this customer.")
    status: list[ReturnStatus] | None = strawberry.field(
        default=None, description="In one of these statuses. At least one."
    )


@strawberry.enum(description="The order of a list of returns; ties are sorted by id.")
class ReturnSort(Enum):
    """The order of a list of returns."""

    REQUESTED_AT_DESC = strawberry.enum_value("REQUESTED_AT_DESC", description="Newest first.")
    REQUESTED_AT_ASC = strawberry.enum_value("REQUESTED_AT_ASC", description="Oldest first.")


KEYSETS = {
    ReturnSort.REQUESTED_AT_DESC: Keyset("requested", "requested_at", "return_id"),
    ReturnSort.REQUESTED_AT_ASC: Keyset("requested", "requested_at", "return_id", is_descending=False),
}

FILTER = strawberry.argument(description="Only returns that match it.")

SORT = strawberry.argument(description="The order of the list; by default, newest first.")
