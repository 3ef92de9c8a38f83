"""Restock requests: what suppliers send to stores, and their list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Info

from contracts.inventory import restocks
from gateway.errors import BadInput
from gateway.fields.conditions import Conditions, PageOfRows, count_sql
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.fields import column, resolved
from gateway.fields.keysets import Keyset
from gateway.fields.nodes import key_of
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Pages
from gateway.shop.context import Context
from gateway.shop.stock.stores import OF_PARENT, Store, store_key

Statement = tuple[str, list[Any]]

KEYSET = Keyset("restock", "requested_at", "restock_request_id")


@strawberry.enum(
    description="How far a restock request is. UNKNOWN stands for a status that this schema has no name for."
)
class RestockStatus(OpenEnum):
    """How far a restock request is. Unknown values are read as UNKNOWN, never refused."""

    ACCEPTED = stored_value(restocks.RestockStatus.ACCEPTED, "The supplier has it.")
    MANUFACTURING = stored_value(restocks.RestockStatus.MANUFACTURING, "The supplier makes the units.")
    COMPLETED = stored_value(restocks.RestockStatus.COMPLETED, "The units are on their way to the store.")
    RECEIVED = stored_value(restocks.RestockStatus.RECEIVED, "The store has them, but for those it refused.")
    CANCELLED = stored_value(restocks.RestockStatus.CANCELLED, "No units will come.")
    UNKNOWN = stored_value("unknown", "A status that this schema has no name for.")


@strawberry.input(description="Restock requests that match all given conditions; null conditions are ignored.")
class RestockRequestFilter:
    """Restock requests that match all given conditions."""

    store: strawberry.ID | None = strawberry.field(
        default=None, description="Of this store: its `id`, or its own id, such as `seattle`."
    )
    sku: str | None = strawberry.field(default=None, description="Of exactly this SKU.")
    status: RestockStatus | None = strawberry.field(default=None, description="With this status; not UNKNOWN.")


@strawberry.type(description="Units of one SKU that a supplier sends to a store.")
class RestockRequest:
    """Units of one SKU that a supplier sends to a store."""

    id: strawberry.ID = column("Identifies the request, also in REST.", "restock_request_id", read=str, sql="{}")
    store_id: strawberry.ID = column("Identifies the store in REST, such as `seattle`.")
    sku: str = column("The product's SKU.")
    quantity: int = column("The units that were requested.")
    status: RestockStatus = column("How far it is.", read=RestockStatus)
    added: int | None = column("The units that the store has added; null before it received them.")
    refused: int | None = column("The units that the store refused, as they exceeded its `reorderTo`.")
    requested_at: datetime = column("When the units were requested.")
    received_at: datetime | None = column("When the store received them.")
    updated_at: datetime = column("When the status last changed.")
    version: int = column("Incremented by each change, from 1.")

    @resolved("The store; null when it is not in the read model yet.", OF_PARENT)
    async def store(self, info: Info[Context, None]) -> Store | None:
        """The store."""
        return info.context.object(Store, await info.context.loaders.stores.load(self.store_id))


def page_of_requests(filter: RestockRequestFilter, page: Page) -> Statement:
    """A page of requests and one more, in the order in which the page is read. Raises BadInput and InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(page.size + 1)
    conditions = _conditions(filter, parameters, "request")
    rows = PageOfRows("restock_request AS request", "request", conditions, KEYSET, page)
    return rows.sql(parameters, at_most, "request.*"), parameters.values


def count_requests(filter: RestockRequestFilter) -> Statement:
    """The number of requests that match. Raises BadInput."""
    parameters = Parameters()
    conditions = _conditions(filter, parameters, "request")
    return count_sql("restock_request AS request", conditions, "request"), parameters.values


def _conditions(filter: RestockRequestFilter, parameters: Parameters, request: str) -> Conditions:
    found = [f"NOT {request}.deleted"]
    if filter.store is not None:
        found.append(f"{request}.store_id = {parameters.bind(filter.store, store_key)}")
    if filter.sku is not None:
        found.append(f"{request}.sku = {parameters.bind(filter.sku, key_of)}")
    if filter.status is not None:
        found.append(f"{request}.status = {parameters.bind(filter.status, _stored)}")
    return Conditions(found)


def _stored(status: RestockStatus) -> str:
    """The stored value of a status. Raises BadInput."""
    if status is RestockStatus.UNKNOWN:
        raise BadInput("`filter.status` must not be UNKNOWN")
    return str(status.value)


def _matching(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return _conditions(given["filter"] or RestockRequestFilter(), parameters, alias)


RESTOCK_PAGES = Pages("restock_request AS {it}", "", lambda _: KEYSET, _matching)
