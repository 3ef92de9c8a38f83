"""Lists of stock and of stores: the statements of the executor, and the relations of compiled queries."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

import strawberry

from gateway.errors import BadInput
from gateway.fields.conditions import Conditions, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.nodes import key_of
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Many, Pages
from gateway.fields.scalars import read_stored
from gateway.shop.stock.statements import STOCK, STORES
from gateway.shop.stock.stores import store_key, store_keys

Statement = tuple[str, list[Any]]


@strawberry.input(description="Stock that matches all given conditions; null conditions are ignored.")
class StockFilter:
    """Stock that matches all given conditions."""

    sku: str | None = strawberry.field(default=None, description="Of exactly this SKU.")
    store: strawberry.ID | None = strawberry.field(
        default=None, description="In this store: its `id`, or its own id, such as `seattle`."
    )
    below_reorder: bool | None = strawberry.field(
        default=None,
        description="Whether the units that can be promised and those that are incoming are at or below `reorderAt`. "
        "By default both.",
    )


@strawberry.enum(description="The order of a list of stock.")
class StockSort(Enum):
    """The order of a list of stock."""

    SKU_ASC = strawberry.enum_value("SKU_ASC", description="By SKU, then by the store's own id.")
    SKU_DESC = strawberry.enum_value("SKU_DESC", description="By SKU and the store's own id, descending.")
    AVAILABLE_ASC = strawberry.enum_value(
        "AVAILABLE_ASC", description="Fewest available units first; requires a condition in `filter`."
    )
    AVAILABLE_DESC = strawberry.enum_value(
        "AVAILABLE_DESC", description="Most available units first; requires a condition in `filter`."
    )


KEYSETS = {
    StockSort.SKU_ASC: Keyset("sku", "sku", "store_id", is_descending=False, kind="text", read_id=read_stored),
    StockSort.SKU_DESC: Keyset("sku", "sku", "store_id", kind="text", read_id=read_stored),
    StockSort.AVAILABLE_ASC: Keyset(
        "available", "available", "stock_id", is_descending=False, kind="integer", read_id=read_stored
    ),
    StockSort.AVAILABLE_DESC: Keyset("available", "available", "stock_id", kind="integer", read_id=read_stored),
}

STORE_KEYSET = Keyset("store", "store_id", "store_id", is_descending=False, kind="text", read_id=read_stored)


class StockListRequest(NamedTuple):
    """A page of the stock that matches a filter, in an order."""

    filter: StockFilter
    sort: StockSort
    page: Page

    @classmethod
    def of_arguments(cls, filter: StockFilter | None, sort: StockSort | None, page: Page) -> StockListRequest:
        """The request for a field's arguments. Raises BadInput."""
        return cls(filter or StockFilter(), _sort(filter, sort), page)

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return KEYSETS[self.sort]


def page_of_stock(request: StockListRequest) -> Statement:
    """A page of stock and one more, in the order in which the page is read. Raises InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(request.page.size + 1)
    conditions = _conditions(request.filter, parameters, "level")
    rows = PageOfRows(f"{STOCK} AS level", "level", conditions, request.keyset, request.page)
    return rows.sql(parameters, at_most, "level.*"), parameters.values


def count_stock(filter: StockFilter) -> Statement:
    """The number of stock rows that match."""
    parameters = Parameters()
    return count_sql("availability AS level", _conditions(filter, parameters, "level"), "level"), parameters.values


def page_of_stores(page: Page) -> Statement:
    """A page of stores and one more, in the order in which the page is read. Raises InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(page.size + 1)
    rows = PageOfRows(f"{STORES} AS place", "place", Conditions(["NOT place.deleted"]), STORE_KEYSET, page)
    return rows.sql(parameters, at_most, "place.*"), parameters.values


def count_stores() -> Statement:
    """The number of stores."""
    return "SELECT count(*) FROM store WHERE NOT deleted", []


def _sort(filter: StockFilter | None, sort: StockSort | None) -> StockSort:
    """The order; by default by SKU. Raises BadInput where no index has few rows: the whole table would be sorted."""
    sort = sort or StockSort.SKU_ASC
    has_condition = filter is not None and (
        filter.sku is not None or filter.store is not None or filter.below_reorder is True
    )
    if KEYSETS[sort].column == "available" and not has_condition:
        raise BadInput(f"`{sort.name}` requires `sku`, `store` or `belowReorder: true` in `filter`")
    return sort


def _conditions(filter: StockFilter, parameters: Parameters, level: str) -> Conditions:
    found = [f"NOT {level}.deleted"]
    if filter.sku is not None:
        found.append(f"{level}.sku = {parameters.bind(filter.sku, key_of)}")
    if filter.store is not None:
        found.append(f"{level}.store_id = {parameters.bind(filter.store, store_key)}")
    if filter.below_reorder is not None:
        found.append(f"{'' if filter.below_reorder else 'NOT '}{level}.is_low")
    return Conditions(found)


def _matching(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return _conditions(given["filter"] or StockFilter(), parameters, alias)


def _keyset(given: Arguments) -> Keyset:
    return KEYSETS[_sort(given["filter"], given["sort"])]


def _of_stores(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    stores = given["stores"]
    return [] if stores is None else [f"{alias}.store_id = ANY({parameters.bind(stores, store_keys)}::text[])"]


STOCK_PAGES = Pages(f"{STOCK} AS {{it}}", "", _keyset, _matching)

STORE_PAGES = Pages(
    f"{STORES} AS {{it}}", "", lambda _: STORE_KEYSET, lambda _, __, it: Conditions([f"NOT {it}.deleted"])
)

OF_PRODUCT = Many(
    f"{STOCK} AS {{it}}",
    "{it}.sku = {parent}.sku AND NOT {it}.deleted",
    order_by="{it}.store_id",
    conditions=_of_stores,
)
"""The stock of a product in some stores, or in all."""
