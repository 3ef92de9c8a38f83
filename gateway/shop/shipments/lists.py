"""Lists of shipments: the statements of the executor, and the relation of compiled queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from contracts.shipping import ShipmentRow
from gateway.errors import BadInput
from gateway.fields.conditions import Conditions, OneOf, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.nodes import uuid_of
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters, size_of
from gateway.fields.relations import Arguments, Many, Pages
from gateway.shop.shipments.inputs import KEYSETS, MAX_IDS, ShipmentFilter, ShipmentSort, ShipmentStatus
from gateway.shop.stock.stores import store_key

Statement = tuple[str, list[Any]]


class ShipmentListRequest(NamedTuple):
    """A page of the shipments that match a filter, in an order."""

    filter: ShipmentFilter
    sort: ShipmentSort
    page: Page

    @classmethod
    def of_arguments(cls, filter: ShipmentFilter | None, sort: ShipmentSort | None, page: Page) -> ShipmentListRequest:
        """The request for a field's arguments."""
        return cls(filter or ShipmentFilter(), sort or ShipmentSort.PLANNED_AT_DESC, page)

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return KEYSETS[self.sort]


def page_of_shipments(request: ShipmentListRequest) -> Statement:
    """A page of shipments and one more, in the order in which the page is read. Raises BadInput and InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(request.page.size + 1)
    conditions = _conditions(request.filter, parameters, "sent")
    rows = PageOfRows("shipment AS sent", "sent", conditions, request.keyset, request.page)
    return rows.sql(parameters, at_most, "sent.*"), parameters.values


def count_shipments(filter: ShipmentFilter) -> Statement:
    """The number of shipments that match. Raises BadInput."""
    parameters = Parameters()
    return count_sql("shipment AS sent", _conditions(filter, parameters, "sent"), "sent"), parameters.values


def check(filter: ShipmentFilter) -> None:
    """Raise BadInput for an invalid filter."""
    _conditions(filter, Parameters(), "sent")


def matches(row: ShipmentRow, filter: ShipmentFilter) -> bool:
    """Whether a shipment is one that a filter selects, as in a list; a deleted one has its last state."""
    return (
        (filter.ids is None or row.shipment_id in map(uuid_of, filter.ids))
        and (filter.order_id is None or row.order_id == uuid_of(filter.order_id))
        and (filter.customer_id is None or row.customer_id == uuid_of(filter.customer_id))
        and (filter.status is None or row.status in _statuses(filter.status))
        and (filter.location is None or row.location == store_key(filter.location))
    )


def _conditions(filter: ShipmentFilter, parameters: Parameters, sent: str) -> Conditions:
    found = [f"NOT {sent}.deleted"]
    one_of: OneOf | None = None
    if filter.ids is not None:
        found.append(f"{sent}.shipment_id = ANY({parameters.bind(filter.ids, _ids)}::uuid[])")
    if filter.order_id is not None:
        found.append(f"{sent}.order_id = {parameters.bind(filter.order_id, uuid_of)}")
    if filter.customer_id is not None:
        found.append(f"{sent}.customer_id = {parameters.bind(filter.customer_id, uuid_of)}")
    if filter.location is not None:
        found.append(f"{sent}.location = {parameters.bind(filter.location, store_key)}")
    if filter.status is not None and size_of(filter.status) == 1:
        found.append(f"{sent}.status = {parameters.bind(filter.status, lambda given: _statuses(given)[0])}")
    elif filter.status is not None:
        one_of = OneOf("status", f"{parameters.bind(filter.status, _statuses)}::text[]", sorted_by="planned_at")
    return Conditions(found, one_of)


def _ids(ids: Sequence[str]) -> list[UUID]:
    """The UUIDs of ids, without malformed ones. Raises BadInput."""
    if not 1 <= len(ids) <= MAX_IDS:
        raise BadInput(f"`filter.ids` must have 1 to {MAX_IDS} ids, not {len(ids)}")
    return [key for key in map(uuid_of, ids) if key is not None]


def _statuses(statuses: Sequence[ShipmentStatus]) -> list[str]:
    """The stored values of statuses, each once. Raises BadInput."""
    if not statuses or ShipmentStatus.UNKNOWN in statuses:
        raise BadInput("`filter.status` must have at least one status, and not UNKNOWN")
    return list(dict.fromkeys(each.value for each in statuses))


def _matching(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return _conditions(given["filter"] or ShipmentFilter(), parameters, alias)


def _keyset(given: Arguments) -> Keyset:
    return KEYSETS[given["sort"] or ShipmentSort.PLANNED_AT_DESC]


SHIPMENT_PAGES = Pages("shipment AS {it}", "", _keyset, _matching)

OF_ORDER = Many(
    "shipment AS {it}",
    "{it}.order_id = {parent}.order_id AND NOT {it}.deleted",
    order_by="{it}.planned_at, {it}.shipment_id",
)
"""The shipments of an order."""
