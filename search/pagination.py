"""One page of a search: the requests that it takes, and the cursors of its products. The caller sends the requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec

from search.facets import Facets
from search.request import NO_EXTRAS, Extras, Part, ProductQuery, ProductSort, search, sorting
from search.response import Hit, SearchResponse, read_response
from search.text.diagnosis import other_readings
from search.text.reading import Reading
from search.text.synonyms import Synonyms

Send = Callable[[bytes, bool], Awaitable[bytes]]
"""Sends the body of a search; the flag says that it names a point in time, which implies the index."""

encode = msgspec.json.Encoder().encode

MAX_BODIES = 500
"""The maximum number of requests that are kept, of a few kB each."""


class InvalidSearchCursor(ValueError):
    """The cursor does not belong to this list."""


@dataclass(frozen=True)
class SearchCursor:
    """A position in a list: after a sort key, in the index as of a point in time.

    `reading` is that of the text, if products match it only otherwise than as written.
    """

    key: tuple[Any, ...]
    point: str
    reading: Reading | None = None

    def to_json(self) -> list[Any]:
        """The cursor as JSON values."""
        return [self.point, self.reading and self.reading.to_json(), *self.key]

    @classmethod
    def from_json(cls, values: Sequence[Any], sort: ProductSort) -> SearchCursor:
        """The cursor that `to_json` returned. Raises InvalidSearchCursor."""
        if len(values) < 2 + len(sorting(sort)) or not isinstance(values[0], str):
            raise InvalidSearchCursor(values)
        point, reading, *key = values
        if not all(_is_sort_value(*each) for each in zip(sorting(sort), key, strict=False)):
            raise InvalidSearchCursor(values)
        try:
            return cls(tuple(key), point, None if reading is None else Reading.from_json(reading))
        except ValueError as error:
            raise InvalidSearchCursor(values) from error


@dataclass(frozen=True)
class SearchRequest:
    """A page of a search: `size` products after `after` and before `before`, from the start or from the end.

    `point` is the point in time to search at; None searches the index as it is now, and the page has no cursors.
    """

    query: ProductQuery
    sort: ProductSort
    size: int
    extras: Extras = NO_EXTRAS
    point: str | None = None
    after: SearchCursor | None = None
    before: SearchCursor | None = None
    is_backwards: bool = False

    @property
    def start(self) -> SearchCursor | None:
        """The cursor from which products are searched."""
        return self.before if self.is_backwards else self.after

    @property
    def end(self) -> SearchCursor | None:
        """The cursor that the page does not reach."""
        return self.after if self.is_backwards else self.before


@dataclass(frozen=True)
class SearchPage:
    """The products of a page in the order of the list, and whether there are more in the direction of the search."""

    hits: list[Hit]
    has_more: bool
    total: int
    facets: Facets
    did_you_mean: str | None
    point: str | None
    reading: Reading | None

    def cursor(self, hit: Hit) -> SearchCursor:
        """The cursor of a product of this page, which must be one of a point in time."""
        assert self.point is not None
        return SearchCursor(tuple(hit.sort), self.point, self.reading)


def _is_sort_value(clause: dict[str, Any], value: Any) -> bool:
    """Whether a sort key may have this value; an index of an earlier version has no names to sort by."""
    if "sku" in clause:
        return isinstance(value, str)
    return value is None or (isinstance(value, str) if "name.sort" in clause else type(value) in (int, float))


async def search_page(request: SearchRequest, synonyms: Synonyms, send: Send, keep_alive: str) -> SearchPage:
    """The page. Its point in time stays open for `keep_alive` after this. Raises what `send` raises."""
    known = request.start or request.end
    point = known.point if known else request.point

    at_point = b"" if point is None else b',"pit":' + encode({"id": point, "keep_alive": keep_alive}) + b"}"

    async def send_body(body: bytes) -> bytes:
        return await send(body[:-1] + at_point if at_point else body, point is not None)

    async def execute(body: dict[str, Any]) -> bytes:
        return await send_body(encode(body))

    async def find(request: SearchRequest, reading: Reading | None) -> SearchResponse:
        return read_response(await send_body(_body(request, synonyms, reading)))

    reading = known.reading if known else None
    response = await find(request, reading)
    query = request.query
    if not response.found and known is None and query.text is not None:
        without_facets = _without_facet_filters(request)
        if without_facets is request or not (await find(without_facets, None)).found:
            for other in await other_readings(query.text, synonyms, query.other_filters, execute):
                found = await find(without_facets, other)
                if found.found:
                    reading = other
                    response = found if without_facets is request else await find(request, other)
                    break
    return _page(request, response, response.pit_id or point, reading, synonyms)


def _without_facet_filters(request: SearchRequest) -> SearchRequest:
    """Whether a text finds something must not depend on the selected facets."""
    query = request.query
    if not query.facet_filters:
        return request
    bare = replace(query, categories=(), types=(), price_from=None, price_below=None, available_at=None, in_stock=None)
    return replace(request, query=bare, size=0, extras=NO_EXTRAS)


def _body(request: SearchRequest, synonyms: Synonyms, reading: Reading | None) -> bytes:
    size = request.size + 1
    if request.start is None:
        part = Part(size, None, request.is_backwards)
        return _first_body(request.query, request.sort, part, synonyms, request.extras, reading)
    part = Part(size, request.start.key, request.is_backwards)
    return encode(search(request.query, request.sort, part, synonyms, request.extras, reading))


@lru_cache(MAX_BODIES)
def _first_body(
    query: ProductQuery,
    sort: ProductSort,
    part: Part,
    synonyms: Synonyms,
    extras: Extras,
    reading: Reading | None,
) -> bytes:
    """The request for a first page; kept, because making it costs more than reading the page that it finds."""
    return encode(search(query, sort, part, synonyms, extras, reading))


def _page(
    request: SearchRequest, response: SearchResponse, point: str | None, reading: Reading | None, synonyms: Synonyms
) -> SearchPage:
    found = response.found
    if request.end is not None:
        found = [hit for hit in found if _is_before(hit.sort, request.end.key, request)]
    hits = found[: request.size]
    if request.is_backwards:
        hits.reverse()
    return SearchPage(
        hits=hits,
        has_more=len(found) > request.size,
        total=response.total,
        facets=response.facets,
        did_you_mean=None if reading is None else reading.correction_of(request.query.text or "", synonyms),
        point=point,
        reading=reading,
    )


def _is_before(key: Sequence[Any], other: Sequence[Any], request: SearchRequest) -> bool:
    """Whether a sort key comes before another in the direction of the search."""
    for clause, mine, its in zip(sorting(request.sort, is_backwards=request.is_backwards), key, other, strict=False):
        if mine != its:
            if mine is None or its is None:
                return its is None  # products without a value come last in both directions
            [order] = [each["order"] for each in clause.values()]
            is_less = mine.encode() < its.encode() if isinstance(mine, str) else mine < its
            return bool(is_less == (order == "asc"))
    return False
