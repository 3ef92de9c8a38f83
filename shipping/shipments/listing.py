"""The lists of shipments and of their events: the filters, and the index that serves each combination."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.rest.keysets import EQUAL, Filter, Index, Listing, Plan
from contracts.shipping import ShipmentStatus
from shipping.shipments.repository import COLUMNS, stream_of

_ID = "shipment_id"

_SHIPMENTS = Listing(
    table="shipment",
    columns=", ".join(f"`{name}`" for name in COLUMNS),
    identity=_ID,
    identity_as=_ID,
    sorts={"id": _ID},
    indexes=(
        Index("PRIMARY", (), _ID),
        Index("shipment_by_order", ("order_id",), _ID),
        Index("shipment_by_customer", ("customer_id",), _ID),
        Index("shipment_by_status", ("status",), _ID),
        Index("shipment_by_location", ("location", "status"), _ID),
    ),
)

_EVENTS = Listing(
    table="shipping_event",
    columns="*",
    identity="sequence",
    identity_as="sequence",
    sorts={"sequence": "sequence"},
    indexes=(Index("PRIMARY", ("stream_id",), "sequence"),),
)


async def _plan(
    order_id: Annotated[UUID | None, Query(alias="orderId", description="Of this order.")] = None,
    customer_id: Annotated[UUID | None, Query(alias="customerId", description="Of this customer.")] = None,
    status: Annotated[ShipmentStatus | None, Query(description="With this status.")] = None,
    location: Annotated[
        str | None,
        Query(pattern="^[!-~]{1,32}$", description="From this location; together with `status`."),
    ] = None,
) -> Plan:
    filters = [
        Filter("orderId", "order_id", EQUAL, str(order_id) if order_id else None),
        Filter("customerId", "customer_id", EQUAL, str(customer_id) if customer_id else None),
        Filter("status", "status", EQUAL, status.value if status else None),
        Filter("location", "location", EQUAL, location),
    ]
    return _SHIPMENTS.plan(filters, None)


ShipmentQuery = Annotated[Plan, Depends(_plan)]
"""The plan of the list that a request asks for."""


def events_of(shipment_id: UUID) -> Plan:
    """The events of a shipment, oldest first."""
    return events_of_stream(stream_of(shipment_id))


def events_of_stream(stream_id: str) -> Plan:
    """The events of any stream, oldest first."""
    return _EVENTS.plan([Filter("stream_id", "stream_id", EQUAL, stream_id)], None)
