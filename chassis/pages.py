"""Lists by pages: how many, from where on, and how a client finds the next page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

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


def invalid_cursor() -> Problem:
    """The refusal of a cursor that this list did not give out."""
    fault = {"parameter": "cursor", "in": "query", "detail": "take the nextCursor of an answer, unchanged"}
    return Problem(422, "invalid-request", "the request does not fit", errors=[fault])


def key_of(cursor: str, length: int) -> list[Any]:
    """The sort key in a cursor that a client sent, with `length` parts. Raises the 422 problem."""
    try:
        return cursors.decode(cursor, length)
    except cursors.InvalidCursor as error:
        raise invalid_cursor() from error


def cut(rows: Sequence[Item], limit: int) -> tuple[Sequence[Item], bool]:
    """Of one row more than was asked for: the rows of the page, and whether anything follows."""
    return rows[:limit], len(rows) > limit


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Say in the answer's `Link` header (RFC 8288) where the next page is, if there is one."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
