"""The lists of orders: their filters, and the index that serves each combination."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from chassis.rest.keysets import BEFORE, EQUAL, FROM, ONE_OF, Filter, Index, Listing, Plan
from chassis.rest.updates import UPDATED, UpdatedRange
from chassis.types.text import Query as Searched
from chassis.types.times import Moment
from contracts.orders import OrderStatus
from orders.models import OrderNumber
from orders.placement.rows import ORDER_COLUMNS

ORDERS = Listing(
    table="`order`",
    columns=", ".join(column for column in ORDER_COLUMNS if column != "delivery_addresses"),
    identity="order_id",
    identity_as="order_id",
    sorts={"placedAt": "placed_at", UPDATED: "updated_at"},
    newest_first=("placedAt",),
    indexes=(
        Index("order_number", ("number",), "placed_at", is_unique=True),
        Index("order_external_id", ("external_id",), "placed_at", is_unique=True),  # except for one per source
        Index("order_by_time", (), "placed_at"),
        Index("order_by_update", (), "updated_at"),
        Index("order_by_customer_and_time", ("customer_id",), "placed_at"),
        Index("order_by_status_and_time", ("status",), "placed_at"),
        Index("order_by_customer_status_and_time", ("customer_id", "status"), "placed_at"),
    ),
)

_HISTORY = Listing(
    table="order_history",
    columns="*",
    identity="to_version",
    identity_as="to_version",
    sorts={"toVersion": "to_version"},
    indexes=(Index("PRIMARY", ("order_id",), "to_version"),),
)

Sort = Literal["placedAt", "-placedAt", "updatedAt", "-updatedAt"]


async def _plan(
    customer_id: Annotated[UUID | None, Query(alias="customerId", description="Only orders of this customer.")] = None,
    status: Annotated[
        list[OrderStatus] | None,
        Query(max_length=len(OrderStatus), description="Only orders with this status; repeat it for several."),
    ] = None,
    number: Annotated[OrderNumber | None, Query(description="The order with this number.")] = None,
    external_id: Annotated[
        Searched | None, Query(alias="externalId", description="Number in the system that the order was imported from.")
    ] = None,
    source: Annotated[Searched | None, Query(description="Name of that system; requires `externalId`.")] = None,
    placed_from: Annotated[
        Moment | None, Query(alias="placedFrom", description="Placed at this time or later.")
    ] = None,
    placed_before: Annotated[Moment | None, Query(alias="placedBefore", description="Placed before this time.")] = None,
    updated: UpdatedRange = (),
    sort: Annotated[
        Sort | None,
        Query(description="`-` means descending. Default: `-placedAt`, or `updatedAt` with a filter by it."),
    ] = None,
) -> Plan:
    filters = [
        Filter("customerId", "customer_id", EQUAL, str(customer_id) if customer_id else None),
        Filter("status", "status", ONE_OF, tuple(each.value for each in status or ())),
        Filter("number", "number", EQUAL, number),
        Filter("externalId", "external_id", EQUAL, external_id),
        Filter("source", "source", EQUAL, source),
        Filter("placedFrom", "placed_at", FROM, placed_from),
        Filter("placedBefore", "placed_at", BEFORE, placed_before),
        *updated,
    ]
    return ORDERS.plan(filters, sort)


ListQuery = Annotated[Plan, Depends(_plan)]
"""How to read the orders that match the query parameters."""


def history_of(order_id: str) -> Plan:
    """The history of an order, oldest first."""
    return _HISTORY.plan([Filter("order_id", "order_id", EQUAL, order_id)], None)
