"""A page of a search over HTTP: what is asked of the index, and what is shown of its answer."""

from __future__ import annotations

from fastapi import Response

from chassis.rest import pages
from products.listing import Question
from products.models import Facets, FoundProduct, FoundProducts, Highlights, PriceCount, ValueCount
from products.problems import list_gone
from search.catalogue import ListExpired, ProductSearches
from search.pagination import InvalidSearchCursor, SearchCursor, SearchPage, SearchRequest
from search.request import EVERY_FACET, Extras, ProductQuery, ProductSort
from search.response import Hit


async def found_page(searches: ProductSearches, question: Question, turn: pages.PageRequest) -> Response:
    """The page. Raises Unavailable, and the problems of a cursor that leads nowhere."""
    asked = _asked(question, turn)
    try:
        listed = await searches.search(asked)
    except ListExpired as error:
        raise list_gone() from error
    except InvalidSearchCursor as error:
        raise pages.invalid_cursor() from error
    cursor = turn.cursor_of(listed.cursor(listed.hits[-1]).to_json()) if listed.has_more else None
    page = FoundProducts(
        items=[_shown(hit) for hit in listed.hits],
        next_cursor=cursor,
        total_count=listed.total if question.is_counted else None,
        did_you_mean=listed.did_you_mean,
        facets=_facets(listed) if question.has_facets else None,
    )
    return pages.list_response(page, turn.if_none_match, links=turn.links(cursor))


def _asked(question: Question, turn: pages.PageRequest) -> SearchRequest:
    usual = "relevance" if question.text is not None else "price" if question.value("currency") else "sku"
    sort = ProductSort(question.sort or usual)
    after = turn.after()
    kind = question.value("type")
    wanted = ProductQuery(
        text=question.text,
        hierarchies=tuple(question.hierarchies),
        types=(kind,) if kind is not None else (),
        price_from=question.value("priceFrom"),
        price_to=question.value("priceTo"),
        currency=question.value("currency"),
        active=question.value("active"),
    )
    extras = Extras(
        facets=EVERY_FACET if question.has_facets else frozenset(),
        is_counted=question.is_counted,
        is_highlighted=True,
        has_corrections=after is None,
    )
    return SearchRequest(
        wanted, sort, turn.limit, extras, after=None if after is None else SearchCursor.from_json(after, sort)
    )


def _shown(hit: Hit) -> FoundProduct:
    found = {name: getattr(hit.product, name) for name in hit.product.__struct_fields__}
    places = [{"name": each.name, "description": each.description} for each in hit.product.hierarchies]
    highlights = Highlights(
        name=next(iter(hit.highlight.get("name", ())), None),
        description=hit.highlight.get("description"),
        hierarchies=hit.highlight.get("hierarchies.name"),
    )
    more = {"hierarchies": places, "score": hit.score, "highlights": highlights if hit.highlight else None}
    return FoundProduct.model_validate(found | more, by_name=True)


def _facets(listed: SearchPage) -> Facets:
    facets = listed.facets
    return Facets(
        hierarchies=[ValueCount(value=each.value, count=each.count) for each in facets.hierarchies],
        types=[ValueCount(value=each.value, count=each.count) for each in facets.types],
        prices=[PriceCount(**vars(each)) for each in facets.prices],
    )
