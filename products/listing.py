"""Which lists of products there are: what they are asked by, and the index that serves each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query

from chassis.keysets import EQUAL, FROM, UP_TO, Filter, Index, Listing, Plan
from chassis.text import Query as Searched
from products import repository
from products.models import Currency, Price, Sku
from products.refusals import not_with, price_without_currency

_PRODUCTS = Listing(
    table="products",
    columns=repository.COLUMNS,
    identity="sku",
    identity_as="sku",
    sorts={"sku": "sku", "name": "name", "createdAt": "created_at", "price": "price"},
    indexes=(
        Index("PRIMARY", (), "sku"),
        Index("products_by_name", (), "name"),
        Index("products_by_age", (), "created_at"),
        Index("products_by_price", ("currency",), "price"),
        Index("products_by_active", ("active",), "sku"),
        Index("products_by_active_and_name", ("active",), "name"),
        Index("products_by_active_and_age", ("active",), "created_at"),
        Index("products_by_active_and_price", ("currency", "active"), "price"),
        Index("products_by_type", ("type",), "sku"),
        Index("products_by_type_and_name", ("type",), "name"),
        Index("products_by_type_and_price", ("currency", "type"), "price"),
        Index("products_by_type_and_active", ("type", "active"), "sku"),
        Index("products_by_type_and_active_and_name", ("type", "active"), "name"),
        Index("products_by_type_and_active_and_price", ("currency", "type", "active"), "price"),
    ),
)

Sort = Literal["sku", "-sku", "price", "-price", "name", "-name", "createdAt", "-createdAt"]


@dataclass(frozen=True)
class Question:
    """What products are asked for: some by their SKU, or those that a text fits, or all that fit the filters."""

    skus: Sequence[str]
    text: str | None
    filters: Sequence[Filter]
    sort: str | None

    def check(self) -> None:
        """Raise the 422 problem of a question in two ways at once."""
        way = "sku" if self.skus else "text"
        if self.skus or self.text is not None:
            given = [each.parameter for each in self.filters if each.value is not None]
            others = [*given, *(["sort"] if self.sort else []), *(["text"] if self.skus and self.text else [])]
            if others:
                raise not_with(way, others)

    def plan(self) -> Plan:
        """How to read those that fit the filters. Raises the 422 problem of what no index serves."""
        given = {each.parameter for each in self.filters if each.value is not None}
        priced = sorted(given & {"priceFrom", "priceTo"})
        if "currency" not in given and (priced or self.sort in ("price", "-price")):
            raise price_without_currency(priced or ["sort"])
        return _PRODUCTS.plan(self.filters, self.sort)


async def question(
    sku: Annotated[list[Sku] | None, Query(max_length=100, description="Repeat for each SKU.")] = None,
    text: Annotated[Searched | None, Query(description="Words, spelt about right, or a SKU or its beginning.")] = None,
    type: Annotated[Searched | None, Query(description="The whole type; capitals and accents do not matter.")] = None,
    active: Annotated[bool | None, Query(description="On sale, or no longer.")] = None,
    currency: Annotated[Currency | None, Query(description="Only prices in it; in the order of `price`.")] = None,
    price_from: Annotated[Price | None, Query(alias="priceFrom", description="At this price or more.")] = None,
    price_to: Annotated[Price | None, Query(alias="priceTo", description="At this price or less.")] = None,
    sort: Annotated[
        Sort | None,
        Query(description="`-` is descending. `price` needs `currency`. Without: `sku`, or `price` in one `currency`."),
    ] = None,
) -> Question:
    """The query parameters of the list."""
    filters = [
        Filter("type", "type", EQUAL, type),
        Filter("active", "active", EQUAL, active),
        Filter("currency", "currency", EQUAL, currency),
        Filter("priceFrom", "price", FROM, price_from),
        Filter("priceTo", "price", UP_TO, price_to),
    ]
    return Question(list(dict.fromkeys(sku or [])), text, filters, sort)


Asked = Annotated[Question, Depends(question)]
