"""The lists of returns and of their events: the filters, and the index that serves each combination."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.rest.keysets import EQUAL, Filter, Index, Listing, Plan
from contracts.order_returns import ReturnStatus
from shipping.returns.repository import COLUMNS, stream_of
from shipping.shipments.listing import events_of_stream

_ID = "return_id"

_RETURNS = Listing(
    table="order_return",
    columns=", ".join(f"`{name}`" for name in COLUMNS),
    identity=_ID,
    identity_as=_ID,
    sorts={"id": _ID},
    indexes=(
        Index("PRIMARY", (), _ID),
        Index("order_return_by_order", ("order_id",), _ID),
        Index("order_return_by_customer", ("customer_id",), _ID),
        Index("order_return_by_status", ("status",), _ID),
    ),
)


async def _plan(
    order_id: Annotated[UUID | None, Query(alias="orderId", description="Of this order.")] = None,
    customer_id: Annotated[UUID | None, Query(alias="customerId", description="Of this customer.")] = None,
    status: Annotated[ReturnStatus | None, Query(description="With this status.")] = None,
) -> Plan:
    filters = [
        Filter("orderId", "order_id", EQUAL, str(order_id) if order_id else None),
        Filter("customerId", "customer_id", EQUAL, str(customer_id) if customer_id else None),
        Filter("status", "status", EQUAL, status.value if status else None),
    ]
    return _RETURNS.plan(filters, None)


ReturnQuery = Annotated[Plan, Depends(_plan)]
"""The plan of the list that a request asks for."""


def events_of(return_id: UUID) -> Plan:
    """The events of a return, oldest first."""
    return events_of_stream(stream_of(return_id))
