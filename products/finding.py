"""A page of search results over HTTP: builds the search request and the response."""

from __future__ import annotations

from fastapi import Response

from chassis.rest import pages
from products.listing import ListFilters
from products.models import Facets, FoundProduct, FoundProducts, Highlights, PriceCount, ValueCount
from products.problems import list_gone
from search.catalogue import ListExpired, ProductSearches
from search.pagination import InvalidSearchCursor, SearchCursor, SearchPage, SearchRequest
from search.request import OF_THE_CATALOGUE, Extras, ProductQuery, ProductSort
from search.response import Hit


async def found_page(searches: ProductSearches, filters: ListFilters, turn: pages.PageRequest) -> Response:
    """The page. Raises Unavailable, and the problems of an expired or invalid cursor."""
    request = _search_request(filters, turn)
    try:
        listed = await searches.search(request)
    except ListExpired as error:
        raise list_gone() from error
    except InvalidSearchCursor as error:
        raise pages.invalid_cursor() from error
    cursor = turn.cursor_of(listed.cursor(listed.hits[-1]).to_json()) if listed.has_more else None
    page = FoundProducts(
        items=[_shown(hit) for hit in listed.hits],
        next_cursor=cursor,
        total_count=listed.total if filters.is_counted else None,
        did_you_mean=listed.did_you_mean,
        facets=_facets(listed) if filters.has_facets else None,
    )
    return pages.list_response(page, turn.if_none_match, links=turn.links(cursor))


def _search_request(filters: ListFilters, turn: pages.PageRequest) -> SearchRequest:
    usual = "relevance" if filters.text is not None else "price" if filters.value("currency") else "sku"
    sort = ProductSort(filters.sort or usual)
    after = turn.after()
    kind = filters.value("type")
    wanted = ProductQuery(
        text=filters.text,
        categories=tuple(filters.categories),
        types=(kind,) if kind is not None else (),
        price_from=filters.value("priceFrom"),
        price_below=filters.value("priceBelow"),
        currency=filters.value("currency"),
        active=filters.value("active"),
    )
    extras = Extras(
        facets=OF_THE_CATALOGUE if filters.has_facets else frozenset(),
        is_counted=filters.is_counted,
        is_highlighted=True,
    )
    return SearchRequest(
        wanted, sort, turn.limit, extras, after=None if after is None else SearchCursor.from_json(after, sort)
    )


def _shown(hit: Hit) -> FoundProduct:
    found = {name: getattr(hit.product, name) for name in hit.product.__struct_fields__}
    slugs = [each.slug for each in hit.product.categories]
    highlights = Highlights(
        name=next(iter(hit.highlight.get("name", ())), None),
        description=hit.highlight.get("description"),
        categories=hit.highlight.get("categories.name"),
    )
    more = {"categories": slugs, "score": hit.score, "highlights": highlights if hit.highlight else None}
    return FoundProduct.model_validate(found | more, by_name=True)


def _facets(listed: SearchPage) -> Facets:
    facets = listed.facets
    return Facets(
        categories=[ValueCount(value=each.value, count=each.count) for each in facets.categories],
        types=[ValueCount(value=each.value, count=each.count) for each in facets.types],
        prices=[PriceCount(**vars(each)) for each in facets.prices],
    )
