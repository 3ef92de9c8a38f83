"""The lists of products: their filters, and the index that serves each combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from chassis.rest.keysets import BEFORE, EQUAL, FROM, Filter, Index, Listing, Plan
from chassis.rest.updates import UPDATED, UpdatedRange
from chassis.types.products import AnySku, Price
from chassis.types.text import Query as Searched
from products import repository
from products.categories.models import Slug
from products.models import KnownCurrency
from products.problems import not_combinable, not_searchable, price_without_currency
from search.request import ProductSort

_PRODUCTS = Listing(
    table="products",
    columns=repository.COLUMNS,
    identity="sku",
    identity_as="sku",
    sorts={"sku": "sku", "name": "name", "createdAt": "created_at", "price": "price", UPDATED: "updated_at"},
    indexes=(
        Index("PRIMARY", (), "sku"),
        Index("products_by_name", (), "name"),
        Index("products_by_age", (), "created_at"),
        Index("products_by_update", (), "updated_at"),
        Index("products_by_price", ("currency",), "price"),
        Index("products_by_active", ("active",), "sku"),
        Index("products_by_active_and_name", ("active",), "name"),
        Index("products_by_active_and_age", ("active",), "created_at"),
        Index("products_by_active_and_update", ("active",), "updated_at"),
        Index("products_by_active_and_price", ("currency", "active"), "price"),
        Index("products_by_type", ("type",), "sku"),
        Index("products_by_type_and_name", ("type",), "name"),
        Index("products_by_type_and_price", ("currency", "type"), "price"),
        Index("products_by_type_and_active", ("type", "active"), "sku"),
        Index("products_by_type_and_active_and_name", ("type", "active"), "name"),
        Index("products_by_type_and_active_and_price", ("currency", "type", "active"), "price"),
    ),
)

Sort = Literal[
    "relevance", "sku", "-sku", "price", "-price", "name", "-name", "createdAt", "-createdAt", "updatedAt", "-updatedAt"
]
_IN_SEARCHES = {each.value for each in ProductSort}


@dataclass(frozen=True)
class ListFilters:
    """The products to return: some SKUs, the matches of a text, or all that match the filters.

    `categories`, `has_facets` and `is_counted` are for searches only.
    """

    skus: Sequence[str]
    text: str | None
    filters: Sequence[Filter]
    sort: Sort | None
    categories: Sequence[str] = ()
    has_facets: bool = False
    is_counted: bool = False

    @property
    def is_search(self) -> bool:
        """Whether this is answered from the search index and not from MySQL."""
        needs_index = self.categories or self.has_facets or self.is_counted
        return self.text is not None or bool(needs_index) or self.sort == "relevance"

    def value(self, parameter: str) -> Any:
        """The value of a filter; None if it was not sent."""
        return next(each.value for each in self.filters if each.parameter == parameter)

    def check(self) -> None:
        """Raise the 422 problem of parameters that exclude each other, or of prices without a currency."""
        if self.skus and (others := self._others()):
            raise not_combinable("sku", others)
        if self.is_search:
            self._check_currency()
            if only_listed := self._only_listed():
                raise not_searchable(only_listed)

    def plan(self) -> Plan:
        """How to read the products that match. Raises the 422 problem of filters that no index serves."""
        self._check_currency()
        return _PRODUCTS.plan(self.filters, self.sort)

    def _check_currency(self) -> None:
        given = {each.parameter for each in self.filters if each.value is not None}
        priced = sorted(given & {"priceFrom", "priceBelow"})
        if "currency" not in given and (priced or self.sort in ("price", "-price")):
            raise price_without_currency(priced or ["sort"])

    def _only_listed(self) -> list[str]:
        """The parameters that searches do not have."""
        given = [each.parameter for each in self.filters if each.value is not None and each.column == "updated_at"]
        return given + (["sort"] if self.sort is not None and self.sort not in _IN_SEARCHES else [])

    def _others(self) -> list[str]:
        given = [each.parameter for each in self.filters if each.value is not None]
        rest = {
            "sort": self.sort,
            "text": self.text,
            "category": self.categories,
            "facets": self.has_facets,
            "totalCount": self.is_counted,
        }
        return [*given, *(name for name, value in rest.items() if value)]


async def list_filters(
    sku: Annotated[list[AnySku] | None, Query(max_length=100, description="Repeat for each SKU.")] = None,
    text: Annotated[
        Searched | None, Query(description="Search text, or a SKU or a part of one; typos are corrected.")
    ] = None,
    type: Annotated[Searched | None, Query(description="Product type; case and accents are ignored.")] = None,
    active: Annotated[bool | None, Query(description="Only active or only inactive products.")] = None,
    currency: Annotated[
        KnownCurrency | None, Query(description="Only products priced in this currency, sorted by `price`.")
    ] = None,
    price_from: Annotated[Price | None, Query(alias="priceFrom", description="Minimum price.")] = None,
    price_below: Annotated[Price | None, Query(alias="priceBelow", description="Only prices below this.")] = None,
    updated: UpdatedRange = (),
    sort: Annotated[
        Sort | None,
        Query(
            description="`-` means descending. `price` requires `currency`. Default: `relevance` with `text`, `price` "
            "with `currency`, `updatedAt` with a filter by it, otherwise `sku`."
        ),
    ] = None,
    category: Annotated[
        list[Slug] | None,
        Query(
            max_length=20,
            description="Only products in one of these categories or their descendants, by slug; repeat for several.",
        ),
    ] = None,
    facets: Annotated[bool, Query(description="Include counts by category, type and price.")] = False,
    total_count: Annotated[bool, Query(alias="totalCount", description="Include the total count.")] = False,
) -> ListFilters:
    """The query parameters of the list."""
    filters = [
        Filter("type", "type", EQUAL, type),
        Filter("active", "active", EQUAL, active),
        Filter("currency", "currency", EQUAL, currency),
        Filter("priceFrom", "price", FROM, price_from),
        Filter("priceBelow", "price", BEFORE, price_below),
        *updated,
    ]
    return ListFilters(list(dict.fromkeys(sku or [])), text, filters, sort, category or (), facets, total_count)


ListQuery = Annotated[ListFilters, Depends(list_filters)]
