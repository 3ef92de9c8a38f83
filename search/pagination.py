"""A search from page to page: which requests it takes, and what makes a place in its list. Whoever calls sends them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from search.facets import Facets
from search.request import NO_EXTRAS, Extras, Part, ProductQuery, ProductSort, search, sorting
from search.response import Hit, SearchResponse, read_response
from search.synonyms import Synonyms

Send = Callable[[bytes, bool], Awaitable[bytes]]
"""Sends the body of a search; the flag says that it names the point in time, and with that the index."""

encode = msgspec.json.Encoder().encode


class InvalidSearchCursor(ValueError):
    """This is no place in this list."""


@dataclass(frozen=True)
class SearchCursor:
    """A place in a list: behind the sort key, as the index was at a point in time.

    `is_relaxed` says that the list has products with one of the text's words, since none has enough of them.
    """

    key: tuple[Any, ...]
    point: str
    is_relaxed: bool = False

    def said(self) -> list[Any]:
        """The place as JSON values, for a cursor."""
        return [self.point, self.is_relaxed, *self.key]

    @classmethod
    def read(cls, said: Sequence[Any], sort: ProductSort) -> SearchCursor:
        """The place that `said` has said. Raises BadPlace."""
        if len(said) < 2 + len(sorting(sort)) or not isinstance(said[0], str) or not isinstance(said[1], bool):
            raise InvalidSearchCursor(said)
        point, is_relaxed, *key = said
        if not all(_fits(*each) for each in zip(sorting(sort), key, strict=False)):
            raise InvalidSearchCursor(said)
        return cls(tuple(key), point, is_relaxed)


@dataclass(frozen=True)
class SearchRequest:
    """A page of a search: `size` products behind `after` and before `before`, from the front or from the back.

    `point` is the point in time to look at; None for now, and then the page has no places.
    """

    wanted: ProductQuery
    sort: ProductSort
    size: int
    extras: Extras = NO_EXTRAS
    point: str | None = None
    after: SearchCursor | None = None
    before: SearchCursor | None = None
    is_backwards: bool = False

    @property
    def begins(self) -> SearchCursor | None:
        """The place from which the page is looked for."""
        return self.before if self.is_backwards else self.after

    @property
    def ends(self) -> SearchCursor | None:
        """The place that the page does not reach."""
        return self.after if self.is_backwards else self.before


@dataclass(frozen=True)
class SearchPage:
    """A page that was found, in the list's own order, and whether there is more the way it was looked for."""

    hits: list[Hit]
    has_more: bool
    total: int
    facets: Facets
    did_you_mean: str | None
    point: str | None
    is_relaxed: bool

    def place(self, hit: Hit) -> SearchCursor:
        """The place of a product of this page, which was looked for at a point in time."""
        assert self.point is not None
        return SearchCursor(tuple(hit.sort), self.point, self.is_relaxed)


def _fits(clause: dict[str, Any], value: Any) -> bool:
    """Whether a sort key may have this value there; an index of an earlier version has no names to sort by."""
    if "sku" in clause:
        return isinstance(value, str)
    return value is None or (isinstance(value, str) if "name.sort" in clause else type(value) in (int, float))


async def search_page(asked: SearchRequest, synonyms: Synonyms, send: Send, keep: str) -> SearchPage:
    """The page. A point in time is kept for `keep` from now on. Raises what sending raises."""
    known = asked.begins or asked.ends
    is_relaxed = known is not None and known.is_relaxed
    point = known.point if known else asked.point

    async def ask(asked: SearchRequest, is_relaxed: bool) -> SearchResponse:
        body = _body(asked, synonyms, is_relaxed=is_relaxed)
        if point is not None:
            body["pit"] = {"id": point, "keep_alive": keep}
        return read_response(await send(encode(body), point is not None))

    answer = await ask(asked, is_relaxed)
    if not answer.found and known is None and await _fits_nothing(asked, answer, ask):
        is_relaxed = True
        suggested = answer.suggest
        answer = await ask(asked, is_relaxed)
        answer.suggest = answer.suggest or suggested
    return _listed(asked, answer, answer.pit_id or point, synonyms, is_relaxed=is_relaxed)


async def _fits_nothing(
    asked: SearchRequest, answer: SearchResponse, ask: Callable[[SearchRequest, bool], Awaitable[Any]]
) -> bool:
    """Whether nothing has enough of several words, whatever else is chosen."""
    wanted = asked.wanted
    if wanted.text is None or len(wanted.text.split()) < 2:
        return False
    if not wanted.chosen:
        return not answer.found
    bare = replace(wanted, hierarchies=(), types=(), price_from=None, price_to=None)
    found = await ask(replace(asked, wanted=bare, size=0, extras=NO_EXTRAS, after=None, before=None), False)
    return not found.found


def _body(asked: SearchRequest, synonyms: Synonyms, *, is_relaxed: bool) -> dict[str, Any]:
    begins = asked.begins
    part = Part(asked.size + 1, begins.key if begins else None, asked.is_backwards)
    return search(asked.wanted, asked.sort, part, synonyms, asked.extras, is_relaxed=is_relaxed)


def _listed(
    asked: SearchRequest, answer: SearchResponse, point: str | None, synonyms: Synonyms, *, is_relaxed: bool
) -> SearchPage:
    found = answer.found
    if asked.ends is not None:
        found = [hit for hit in found if _comes_first(hit.sort, asked.ends.key, asked)]
    hits = found[: asked.size]
    if asked.is_backwards:
        hits.reverse()
    text = asked.wanted.text
    return SearchPage(
        hits=hits,
        has_more=len(found) > asked.size,
        total=answer.total,
        facets=answer.facets,
        did_you_mean=answer.did_you_mean(text, synonyms) if text is not None else None,
        point=point,
        is_relaxed=is_relaxed,
    )


def _comes_first(key: Sequence[Any], other: Sequence[Any], asked: SearchRequest) -> bool:
    """Whether a sort key comes before another in the order in which the page is looked for."""
    for clause, mine, its in zip(sorting(asked.sort, is_backwards=asked.is_backwards), key, other, strict=False):
        if mine != its:
            if mine is None or its is None:
                return its is None  # what has no value comes last, whichever way
            [order] = [each["order"] for each in clause.values()]
            is_less = mine.encode() < its.encode() if isinstance(mine, str) else mine < its
            return bool(is_less == (order == "asc"))
    return False
