"""Cursors of products: a place in a list, for the question that it is a list of."""

from __future__ import annotations

from hashlib import blake2b

from chassis.rest import cursors
from chassis.rest.cursors import InvalidCursor
from search.pagination import InvalidSearchCursor, SearchCursor
from search.request import ProductQuery, ProductSort

_TAG = "p"
_HASH_BYTES = 6
_LEAST = 4


def question_of(wanted: ProductQuery, sort: ProductSort) -> str:
    """What a cursor says of its question."""
    return blake2b(repr((wanted, sort.value)).encode(), digest_size=_HASH_BYTES).hexdigest()


def cursor(question: str, place: SearchCursor) -> str:
    """The cursor of the product at this place."""
    return cursors.encode([_TAG, question, *place.to_json()])


def place(question: str, sort: ProductSort, cursor: str | None) -> SearchCursor | None:
    """The place that a cursor of this question names. Raises InvalidCursor."""
    if cursor is None:
        return None
    said = cursors.decode_any(cursor)
    if len(said) < _LEAST or said[:2] != [_TAG, question]:
        raise InvalidCursor(cursor)
    try:
        return SearchCursor.from_json(said[2:], sort)
    except InvalidSearchCursor as error:
        raise InvalidCursor(cursor) from error
