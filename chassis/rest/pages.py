"""Pages of lists: the request by `limit` and `cursor`, and the response with the next cursor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, get_args
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chassis.http.errors.problems import Problem
from chassis.rest import cursors
from chassis.rest.dependencies import IfNoneMatch
from chassis.rest.etags import etag_matches, weak_etag
from chassis.types.schemas import EXAMPLE, example_schema

Item = TypeVar("Item")
Result = TypeVar("Result")

_MAX_CURSOR = 4000
"""That of a search has its text, its point in time and the name of a product."""
_EXAMPLE_CURSOR = "mG3t2hQ0bq7yq1n4l1b6W1siMDE5OTBiM2UiXV0"
_NOT_IN_QUESTION = ("cursor", "limit")


def _with_example(schema: dict[str, Any], page: type[BaseModel]) -> None:
    """Add the example of a page with one item, if the item's model has an example."""
    [item] = get_args(page.model_fields["items"].annotation)
    extra = getattr(item, "model_config", {}).get("json_schema_extra", {})
    if EXAMPLE in extra:
        schema |= example_schema({"items": [orjson.loads(extra[EXAMPLE])], "nextCursor": _EXAMPLE_CURSOR})


class Page(BaseModel, Generic[Item]):
    """A page of a list. `nextCursor` leads to the next page; null on the last. The `Link` header has the full URL."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, json_schema_extra=_with_example)

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class PageRequest:
    """The requested page of a list, and the ETag that the client has."""

    limit: int
    cursor: str | None
    question: str
    """The URL of the list with its filters and order: a cursor is valid only for the same."""
    secret: str
    if_none_match: str | None

    def after(self) -> list[Any] | None:
        """The sort key of the last item of the previous page; None for the first page. Raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            return cursors.read_signed(self.secret, self.question, self.cursor)
        except cursors.InvalidCursor as error:
            raise invalid_cursor() from error

    def answer(
        self,
        found: Sequence[Result],
        key: Callable[[Result], list[Any]],
        shown: Callable[[Result], BaseModel],
        *,
        tag: str | None = None,
    ) -> Response:
        """The first `limit` of the items found. Find one more than that, so that the last page is recognized.

        `key` returns the sort key (JSON values) and `shown` the representation of an item. The `Link` header (RFC 8288)
        has the URLs of the next and the first page. The ETag is `tag`, or by default a weak one of the content.
        """
        items = found[: self.limit]
        cursor = self.cursor_of(key(items[-1])) if len(found) > self.limit else None
        page: Page[BaseModel] = Page(items=[shown(each) for each in items], next_cursor=cursor)
        return list_response(page, self.if_none_match, tag=tag, links=self.links(cursor))

    def cursor_of(self, key: list[Any]) -> str:
        """The cursor of an item with this sort key."""
        return cursors.sign(self.secret, self.question, key)

    def links(self, cursor: str | None) -> str:
        """The `Link` header with the URL of the first page and, with a cursor, of the next one."""
        first = f"{self.question}{'&' if '?' in self.question else '?'}limit={self.limit}"
        following = [f'<{first}&cursor={cursor}>; rel="next"'] if cursor else []
        return ", ".join([*following, f'<{first}>; rel="first"'])


def list_response(page: BaseModel, if_none_match: str | None, *, tag: str | None = None, links: str = "") -> Response:
    """The response with a list, or the 304 of one that has not changed."""
    body = page.model_dump_json(by_alias=True).encode()
    tag = tag or weak_etag(hashlib.sha256(body).hexdigest()[:32])
    if etag_matches(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag, **({"Link": links} if links else {})}, media_type="application/json")


async def _turn(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Maximum number of items.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=_MAX_CURSOR, description="The `nextCursor` of the previous page.")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> PageRequest:
    filters = sorted(
        (name, value) for name, value in request.query_params.multi_items() if name not in _NOT_IN_QUESTION
    )
    question = request.scope["path"] + (f"?{urlencode(filters)}" if filters else "")
    return PageRequest(limit, cursor, question, request.app.state.cursor_key, if_none_match)


RequestedPage = Annotated[PageRequest, Depends(_turn)]
"""The page requested by `limit` and `cursor`. The `cursor_key` in the app's state signs cursors."""


def invalid_cursor() -> Problem:
    """The 422 of a cursor that is not from this list."""
    detail = "must be the nextCursor of a response to the same query, unchanged"
    fault = {"parameter": "cursor", "in": "query", "detail": detail}
    return Problem(422, "invalid-request", "The request is invalid.", errors=[fault])
