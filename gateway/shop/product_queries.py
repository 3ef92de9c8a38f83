"""What a client can ask about products: one by its SKU from the read model, all else of the search index."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import Info

from gateway.errors import BadInput, CursorGone
from gateway.fields.connections import After, Before, First, Last, page_info
from gateway.fields.fields import Money, from_optional_row, resolved
from gateway.fields.nodes import product_id
from gateway.fields.paging import Page
from gateway.fields.relations import One
from gateway.fields.scalars import cleaned
from gateway.shop import product_inputs
from gateway.shop.context import Context
from gateway.shop.product_inputs import ProductFilter, ProductSort, sort_of, wanted
from gateway.shop.products import Place, Product, ProductConnection, ProductEdge, ProductFacets, highlights_of
from gateway.shop.selection import below
from search.catalogue import ListGone
from search.pagination import Asked, BadPlace, Listed
from search.request import Extras
from search.response import Found

Text = Annotated[
    str | None,
    strawberry.argument(description="What somebody looks for: words, spelt about right, or a SKU or a part of one."),
]
Wanted = Annotated[ProductFilter | None, strawberry.argument(name="filter", description="Only products that fit it.")]
Sort = Annotated[
    ProductSort | None,
    strawberry.argument(description="In which order; without, by relevance where there is a `text`, or else by SKU."),
]
Typed = Annotated[str, strawberry.argument(description="What somebody has typed so far.")]
MOST_SUGGESTIONS = 20
Suggested = Annotated[int, strawberry.argument(description=f"How many at most: 1 to {MOST_SUGGESTIONS}.")]

_FACETS = {"facets.hierarchies": "hierarchy", "facets.types": "type", "facets.prices": "price"}
_CURSORS = ("edges.cursor", "pageInfo.startCursor", "pageInfo.endCursor")


@strawberry.type(description="A product that somebody may mean who is still typing.")
class ProductSuggestion:
    """A product that somebody may mean who is still typing."""

    text: str = strawberry.field(description="The name to show.")
    product: Product = strawberry.field(description="The product.")


@strawberry.type
class ProductQueries:
    """What a client can ask about products."""

    @resolved(
        "One product; null when there is none with this SKU.",
        One("product AS {it}", "{it}.sku = {sku} AND NOT {it}.deleted", {"sku": lambda sku: cleaned(sku, "sku")}),
    )
    async def product(self, info: Info[Context, None], sku: str) -> Product | None:
        """One product."""
        return from_optional_row(Product, await info.context.loaders.products.load(cleaned(sku, "sku")))

    @resolved("Products that fit: with `text` those that a search finds, otherwise all. Deleted ones never show.")
    async def products(
        self,
        info: Info[Context, None],
        text: Text = None,
        filter: Wanted = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection | None:
        """A page of products."""
        page = Page.asked(first, after, last, before)
        raw: Any = info._raw_info
        selected = below(raw.field_nodes, raw.fragments)
        asked = asked_of(text, filter, sort, page, extras_of(selected))
        has_places = any(path in selected for path in _CURSORS)
        listed = await found(info.context, asked, has_places=has_places)
        return _connection(listed, asked, page, has_places=has_places)

    @resolved("Products that somebody may mean who is still typing, the best first.")
    async def product_suggestions(
        self, info: Info[Context, None], text: Typed, first: Suggested = 10
    ) -> list[ProductSuggestion] | None:
        """Some suggestions."""
        if not 1 <= first <= MOST_SUGGESTIONS:
            raise BadInput(f"`first` is from 1 to {MOST_SUGGESTIONS}, not {first}")
        products = await info.context.searches.suggested(cleaned(text, "text"), first)
        return [ProductSuggestion(text=each.name, product=product_of(each)) for each in products]


def asked_of(
    text: str | None, filter: ProductFilter | None, sort: ProductSort | None, page: Page, extras: Extras
) -> Asked:
    """What is asked of the index. Raises BadInput, InvalidCursor."""
    fitting, order = wanted(text, filter), sort_of(sort, text)
    question = product_inputs.question_of(fitting, order)
    return Asked(
        fitting,
        order,
        page.size,
        extras,
        after=product_inputs.place(question, order, page.after),
        before=product_inputs.place(question, order, page.before),
        is_backwards=page.is_backwards,
    )


def extras_of(selected: frozenset[str]) -> Extras:
    """What is asked beside the products, by the paths of the fields that are selected."""
    return Extras(
        facets=frozenset(facet for path, facet in _FACETS.items() if path in selected),
        is_counted="totalCount" in selected,
        is_highlighted="edges.highlights" in selected,
        has_corrections="didYouMean" in selected,
    )


async def found(context: Context, asked: Asked, *, has_places: bool) -> Listed:
    """The page. Raises Unavailable, BadInput, CursorGone."""
    try:
        return await context.searches.listed(asked, has_places=has_places, mark=context.mark)
    except ListGone as error:
        raise CursorGone from error
    except BadPlace as error:
        raise BadInput("take `after` and `before` from cursors of this list, unchanged") from error


def product_of(found: Found) -> Product:
    """A product as the index keeps it; the same as the read model's."""
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
        hierarchies=[Place(name=each.name, description=each.description) for each in found.hierarchies],
        active=found.active,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _connection(listed: Listed, asked: Asked, page: Page, *, has_places: bool) -> ProductConnection:
    question = product_inputs.question_of(asked.wanted, asked.sort) if has_places else ""
    edges = [
        ProductEdge(
            cursor=product_inputs.cursor(question, listed.place(hit)) if has_places else "",
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
