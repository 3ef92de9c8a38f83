"""Queries about products: a single one by SKU from the read model, lists and suggestions from the search index."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import Info

from gateway.errors import BadInput, CursorGone
from gateway.fields.connections import After, Before, First, Last, page_info
from gateway.fields.fields import Money, resolved
from gateway.fields.nodes import key_of, product_id
from gateway.fields.paging import MAX_SIZE, Page
from gateway.fields.relations import Keyed, One
from gateway.fields.scalars import read_text
from gateway.shop.context import Context
from gateway.shop.products import inputs as product_inputs
from gateway.shop.products.inputs import SORT, ProductFilter, ProductSort, search_criteria, sort_of
from gateway.shop.products.product import Product, ProductConnection, ProductEdge, ProductFacets, highlights_of
from gateway.shop.selection import selected_below
from search.catalogue import ListExpired, ProductSearches
from search.pagination import InvalidSearchCursor, SearchPage, SearchRequest
from search.request import Extras, ProductQuery
from search.request import ProductSort as SearchSort
from search.response import IndexedProduct

Sku = Annotated[str, strawberry.argument(description="The product's SKU.")]
Skus = Annotated[list[str], strawberry.argument(description=f"At most {MAX_SIZE}.")]
Text = Annotated[
    str | None,
    strawberry.argument(description="Words to search for, which may have typing errors; or a SKU, or a part of one."),
]
Filter = Annotated[ProductFilter | None, strawberry.argument(description="Only products that match it.")]
Sort = Annotated[ProductSort | None, SORT]
Prefix = Annotated[str, strawberry.argument(description="The beginning of a search text.")]
MAX_SUGGESTIONS = 20
DEFAULT_SUGGESTIONS = 10
MaxSuggestions = Annotated[
    int | None, strawberry.argument(description=f"The maximum number of suggestions: 1 to {MAX_SUGGESTIONS}.")
]

_FACETS = {
    "facets.categories": "category",
    "facets.types": "type",
    "facets.prices": "price",
    "facets.stores": "store",
    "facets.inStock": "in_stock",
}
_CURSORS = ("edges.cursor", "pageInfo.startCursor", "pageInfo.endCursor")


@strawberry.type(description="A product that matches the beginning of a search text.")
class ProductSuggestion:
    """A product that matches the beginning of a search text."""

    text: str = strawberry.field(description="The text to show.")
    product: Product = strawberry.field(description="The product.")


async def _product(context: Context, sku: str) -> Product | None:
    key = key_of(sku)
    return context.object(Product, await context.loaders.products.load(key)) if key else None


def _keys(skus: Sequence[str]) -> list[str | None]:
    """The SKUs, each None if it is malformed. Raises BadInput."""
    if len(skus) > MAX_SIZE:
        raise BadInput(f"`skus` must have at most {MAX_SIZE} SKUs, not {len(skus)}")
    return [key_of(sku) for sku in skus]


@strawberry.type
class ProductQueries:
    """Queries about products."""

    @resolved(
        "The product with this SKU; null when there is none.",
        One("product AS {it}", "{it}.sku = {sku} AND NOT {it}.deleted", {"sku": key_of}),
    )
    async def product(self, info: Info[Context, None], sku: Sku) -> Product | None:
        """One product."""
        return await _product(info.context, sku)

    @resolved(
        "The products with these SKUs, in the same order; null for each SKU without a product.",
        Keyed("product AS {it}", "NOT {it}.deleted", keys="skus", key="{it}.sku", key_type="text", reads=_keys),
    )
    async def products_by_sku(self, info: Info[Context, None], skus: Skus) -> list[Product | None] | None:
        """Several products, in one statement."""
        _keys(skus)
        return list(await asyncio.gather(*(_product(info.context, sku) for sku in skus)))

    @resolved("The products that match `text`, or all products. Deleted ones are excluded.")
    async def products(
        self,
        info: Info[Context, None],
        text: Text = None,
        filter: Filter = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection | None:
        """A page of products."""
        return await products_page(info, text, filter, sort, Page.of_arguments(first, after, last, before))

    @resolved("Products for the beginning of a search text, best match first.")
    async def product_suggestions(
        self, info: Info[Context, None], text: Prefix, first: MaxSuggestions = DEFAULT_SUGGESTIONS
    ) -> list[ProductSuggestion] | None:
        """The suggestions."""
        first = DEFAULT_SUGGESTIONS if first is None else first
        if not 1 <= first <= MAX_SUGGESTIONS:
            raise BadInput(f"`first` must be from 1 to {MAX_SUGGESTIONS}, not {first}")
        products = await info.context.searches.suggest(read_text(text, "text"), first)
        return [ProductSuggestion(text=each.name, product=product_of(each)) for each in products]


async def products_page(
    info: Info[Context, None],
    text: str | None,
    filter: ProductFilter | None,
    sort: ProductSort | None,
    page: Page,
    of_category: str | None = None,
) -> ProductConnection:
    """A page of products, of one category if it is given. Raises BadInput, InvalidCursor, Unavailable, CursorGone."""
    selected, context = selected_below(info), info.context
    if context.search_failure is not None:
        raise context.search_failure
    criteria, order = search_criteria(text, filter, of_category), sort_of(sort, text)
    request = search_request(criteria, order, page, extras_of(selected))
    has_places = has_cursors(selected)
    listed = await search_page(context.searches, context.mark, request, has_places=has_places)
    return _connection(listed, request, page, has_places=has_places)


def search_request(criteria: ProductQuery, order: SearchSort, page: Page, extras: Extras) -> SearchRequest:
    """The request to the search index. Raises InvalidCursor."""
    hash_ = product_inputs.list_hash(criteria, order) if page.after or page.before else ""
    return SearchRequest(
        criteria,
        order,
        page.size,
        extras,
        after=product_inputs.place(hash_, order, page.after),
        before=product_inputs.place(hash_, order, page.before),
        is_backwards=page.is_backwards,
    )


def extras_of(selected: frozenset[str]) -> Extras:
    """What the search must return beside the products, by the paths of the selected fields."""
    return Extras(
        facets=frozenset(facet for path, facet in _FACETS.items() if path in selected),
        is_counted="totalCount" in selected,
        is_highlighted="edges.highlights" in selected,
    )


def has_cursors(selected: frozenset[str]) -> bool:
    """Whether the products of the page need cursors, by the paths of the selected fields."""
    return any(path in selected for path in _CURSORS)


async def search_page(
    searches: ProductSearches, mark: object, request: SearchRequest, *, has_places: bool
) -> SearchPage:
    """The page. Raises Unavailable, BadInput, CursorGone."""
    try:
        return await searches.search(request, has_cursors=has_places, mark=mark)
    except ListExpired as error:
        raise CursorGone from error
    except InvalidSearchCursor as error:
        raise BadInput("use cursors of this list as `after` and `before`, unchanged") from error


def product_of(found: IndexedProduct) -> Product:
    """A product from the search index, equal to the read model's."""
    return Product(
        id=strawberry.ID(product_id(found.sku)),
        sku=found.sku,
        name=found.name,
        description=found.description,
        price=Money.price(Decimal(found.price), found.currency),
        type=found.type,
        length=_decimal(found.length),
        width=_decimal(found.width),
        height=_decimal(found.height),
        weight=_decimal(found.weight),
        unit=found.unit,
        stored_categories=found.categories,
        active=found.active,
        created_at=datetime.fromisoformat(found.created_at),
        updated_at=datetime.fromisoformat(found.updated_at),
        version=found.version,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _connection(listed: SearchPage, request: SearchRequest, page: Page, *, has_places: bool) -> ProductConnection:
    hash_ = product_inputs.list_hash(request.query, request.sort) if has_places else ""
    edges = [
        ProductEdge(
            cursor=product_inputs.cursor(hash_, listed.cursor(hit)) if has_places else "",
            node=product_of(hit.product),
            score=hit.score,
            highlights=highlights_of(hit),
        )
        for hit in listed.hits
    ]

    async def count() -> int:
        return listed.total

    return ProductConnection(
        edges=edges,
        page_info=page_info([edge.cursor for edge in edges], page, has_more=listed.has_more),
        facets=ProductFacets.of(listed.facets),
        did_you_mean=listed.did_you_mean,
        count=count,
    )
