"""Lists by pages: how many, from where on, and how a client finds the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chassis import cursors
from chassis.problems import Problem

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]

Cursor = Annotated[str | None, Query(max_length=500, description="The `nextCursor` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """Some of a list. `nextCursor` leads to what follows; null at the end. The `Link` header has the whole address."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    items: list[Item]
    next_cursor: str | None


def page(
    request: Request, response: Response, found: Sequence[Item], limit: int, key: Callable[[Item], list[Any]]
) -> Page[Item]:
    """The first `limit` of what was found: look for one more than that, so that the last page is known as such.

    `key` gives an item's sort key. The next page's address goes into the answer's `Link` header (RFC 8288).
    """
    items = list(found[:limit])
    if len(found) <= limit:
        return Page(items=items, next_cursor=None)
    cursor = cursors.encode(key(items[-1]))
    url = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return Page(items=items, next_cursor=cursor)


def key_of(cursor: str, length: int) -> list[Any]:
    """The sort key in a cursor that a client sent, with `length` parts. Raises the 422 problem."""
    try:
        return cursors.decode(cursor, length)
    except cursors.InvalidCursor as error:
        raise invalid_cursor() from error


def uuid_of(cursor: str | None) -> UUID | None:
    """The id in a cursor of a list that is sorted by id; None without a cursor. Raises the 422 problem."""
    if cursor is None:
        return None
    [identity] = key_of(cursor, 1)
    try:
        return UUID(identity)
    except (ValueError, AttributeError, TypeError) as error:
        raise invalid_cursor() from error


def invalid_cursor() -> Problem:
    """The refusal of a cursor that this list did not give out."""
    fault = {"parameter": "cursor", "in": "query", "detail": "take the nextCursor of an answer, unchanged"}
    return Problem(422, "invalid-request", "the request does not fit", errors=[fault])
