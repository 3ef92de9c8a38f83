"""The list of restock requests: its filters, and the index that serves each combination."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from chassis.rest.keysets import EQUAL, Filter, Index, Listing, Plan
from chassis.types.products import AnySku
from contracts.inventory.restocks import RestockStatus
from inventory.models import StoreId

_ID = "restock_request_id"

_REQUESTS = Listing(
    table="restock_request",
    columns=f"{_ID} AS id, store_id, sku, quantity, status, added, refused, requested_at, received_at, updated_at,"
    " version",
    identity=_ID,
    identity_as="id",
    sorts={"id": _ID},
    newest_first=("id",),
    indexes=(
        Index("PRIMARY", (), _ID),
        Index("restock_request_by_status", ("status",), _ID),
        Index("restock_request_by_store", ("store_id",), _ID),
        Index("restock_request_by_store_and_status", ("store_id", "status"), _ID),
        Index("restock_request_by_sku", ("sku",), _ID),
        Index("restock_request_by_stock", ("store_id", "sku"), _ID),
    ),
)


async def _plan(
    store_id: Annotated[StoreId | None, Query(alias="storeId", description="Of this store.")] = None,
    sku: Annotated[AnySku | None, Query(description="Of this SKU.")] = None,
    status: Annotated[RestockStatus | None, Query(description="With this status.")] = None,
) -> Plan:
    filters = [
        Filter("storeId", "store_id", EQUAL, store_id),
        Filter("sku", "sku", EQUAL, sku),
        Filter("status", "status", EQUAL, status.value if status else None),
    ]
    return _REQUESTS.plan(filters, None)


RequestQuery = Annotated[Plan, Depends(_plan)]
"""The plan of the list that a request asks for."""
