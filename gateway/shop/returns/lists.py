"""Lists of returns: the statements of the executor, and the relation of compiled queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from gateway.errors import BadInput
from gateway.fields.conditions import Conditions, OneOf, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.nodes import uuid_of
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters, size_of
from gateway.fields.relations import Arguments, Many, Pages
from gateway.shop.returns.inputs import KEYSETS, MAX_IDS, ReturnFilter, ReturnSort, ReturnStatus

Statement = tuple[str, list[Any]]


class ReturnListRequest(NamedTuple):
    """A page of the returns that match a filter, in an order."""

    filter: ReturnFilter
    sort: ReturnSort
    page: Page

    @classmethod
    def of_arguments(cls, filter: ReturnFilter | None, sort: ReturnSort | None, page: Page) -> ReturnListRequest:
        """The request for a field's arguments."""
        return cls(filter or ReturnFilter(), sort or ReturnSort.REQUESTED_AT_DESC, page)

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return KEYSETS[self.sort]


def page_of_returns(request: ReturnListRequest) -> Statement:
    """A page of returns and one more, in the order in which the page is read. Raises BadInput and InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(request.page.size + 1)
    conditions = _conditions(request.filter, parameters, "r")
    rows = PageOfRows("order_return AS r", "r", conditions, request.keyset, request.page)
    return rows.sql(parameters, at_most, "r.*"), parameters.values


def count_returns(filter: ReturnFilter) -> Statement:
    """The number of returns that match. Raises BadInput."""
    parameters = Parameters()
    return count_sql("order_return AS r", _conditions(filter, parameters, "r"), "r"), parameters.values


def _conditions(filter: ReturnFilter, parameters: Parameters, it: str) -> Conditions:
    found = [f"NOT {it}.deleted"]
    one_of: OneOf | None = None
    if filter.ids is not None:
        found.append(f"{it}.return_id = ANY({parameters.bind(filter.ids, _ids)}::uuid[])")
    if filter.order_id is not None:
        found.append(f"{it}.order_id = {parameters.bind(filter.order_id, uuid_of)}")
    if filter.customer_id is not None:
        found.append(f"{it}.customer_id = {parameters.bind(filter.customer_id, uuid_of)}")
    if filter.status is not None and size_of(filter.status) == 1:
        found.append(f"{it}.status = {parameters.bind(filter.status, lambda given: _statuses(given)[0])}")
    elif filter.status is not None:
        one_of = OneOf("status", f"{parameters.bind(filter.status, _statuses)}::text[]", sorted_by="requested_at")
    return Conditions(found, one_of)


def _ids(ids: Sequence[str]) -> list[UUID]:
    """The UUIDs of ids, without malformed ones. Raises BadInput."""
    if not 1 <= len(ids) <= MAX_IDS:
        raise BadInput(f"`filter.ids` must have 1 to {MAX_IDS} ids, not {len(ids)}")
    return [key for key in map(uuid_of, ids) if key is not None]


def _statuses(statuses: Sequence[ReturnStatus]) -> list[str]:
    """The stored values of statuses, each once. Raises BadInput."""
    if not statuses or ReturnStatus.UNKNOWN in statuses:
        raise BadInput("`filter.status` must have at least one status, and not UNKNOWN")
    return list(dict.fromkeys(each.value for each in statuses))


def _matching(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return _conditions(given["filter"] or ReturnFilter(), parameters, alias)


def _keyset(given: Arguments) -> Keyset:
    return KEYSETS[given["sort"] or ReturnSort.REQUESTED_AT_DESC]


RETURN_PAGES = Pages("order_return AS {it}", "", _keyset, _matching)

OF_ORDER = Many(
    "order_return AS {it}",
    "{it}.order_id = {parent}.order_id AND NOT {it}.deleted",
    order_by="{it}.requested_at, {it}.return_id",
)
"""The returns of an order."""
