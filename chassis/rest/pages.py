"""Lists by pages: how many, from where on, and how a client finds the next page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, get_args
from urllib.parse import quote, urlencode

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chassis.http.problems import Problem
from chassis.rest import cursors
from chassis.rest.dependencies import IfNoneMatch
from chassis.rest.etags import etag_matches, weak_etag
from chassis.types.schemas import EXAMPLE, example_schema

Item = TypeVar("Item")
Found = TypeVar("Found")

_MOST_CURSOR = 2000
_A_CURSOR = "mG3t2hQ0bq7yq1n4l1b6W1siMDE5OTBiM2UiXV0"
_NOT_ASKED_FOR = ("cursor", "limit")


def _with_example(schema: dict[str, Any], page: type[BaseModel]) -> None:
    """A page of one item, where the item's model has an example."""
    [item] = get_args(page.model_fields["items"].annotation)
    said = getattr(item, "model_config", {}).get("json_schema_extra", {})
    if EXAMPLE in said:
        schema |= example_schema({"items": [orjson.loads(said[EXAMPLE])], "nextCursor": _A_CURSOR})


class Page(BaseModel, Generic[Item]):
    """Some of a list. `nextCursor` leads to what follows; null at the end. The `Link` header has the whole address."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, json_schema_extra=_with_example)

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list a client wants, and whether it has it already."""

    limit: int
    cursor: str | None
    question: str
    """The list's address with its filters and its order: a cursor goes with this one alone."""
    secret: str
    if_none_match: str | None

    def after(self) -> list[Any] | None:
        """The sort key of the last item of the page before; None for the first page. Raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            return cursors.read_signed(self.secret, self.question, self.cursor)
        except cursors.InvalidCursor as error:
            raise invalid_cursor() from error

    def answer(
        self,
        found: Sequence[Found],
        key: Callable[[Found], list[Any]],
        shown: Callable[[Found], BaseModel],
        *,
        tag: str | None = None,
    ) -> Response:
        """The first `limit` of what was found: look for one more than that, so that the last page is known as such.

        `key` gives the sort key (JSON values), `shown` what a client sees. The addresses of the next and the first page
        go into the answer's `Link` header (RFC 8288). The ETag is `tag`, or else a weak one of what the page says.
        """
        items = found[: self.limit]
        cursor = self.cursor_of(key(items[-1])) if len(found) > self.limit else None
        page: Page[BaseModel] = Page(items=[shown(each) for each in items], next_cursor=cursor)
        return list_response(page, self.if_none_match, tag=tag, links=self.links(cursor))

    def cursor_of(self, key: list[Any]) -> str:
        """The cursor of an item with this sort key."""
        return cursors.sign(self.secret, self.question, key)

    def links(self, cursor: str | None) -> str:
        """The `Link` header's addresses of the first page and, when there is a cursor, of the next one."""
        first = f"{self.question}{'&' if '?' in self.question else '?'}limit={self.limit}"
        following = [f'<{first}&cursor={cursor}>; rel="next"'] if cursor else []
        return ", ".join([*following, f'<{first}>; rel="first"'])


def list_response(page: BaseModel, if_none_match: str | None, *, tag: str | None = None, links: str = "") -> Response:
    """A list as it goes out, or the 304 of one that the client has already."""
    body = page.model_dump_json(by_alias=True).encode()
    tag = tag or weak_etag(hashlib.sha256(body).hexdigest()[:32])
    if etag_matches(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag, **({"Link": links} if links else {})}, media_type="application/json")


async def _turn(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=_MOST_CURSOR, description="The `nextCursor` of the page before.")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> PageRequest:
    asked = sorted((name, value) for name, value in request.query_params.multi_items() if name not in _NOT_ASKED_FOR)
    question = quote(request.url.path) + (f"?{urlencode(asked)}" if asked else "")
    return PageRequest(limit, cursor, question, request.app.state.cursor_key, if_none_match)


RequestedPage = Annotated[PageRequest, Depends(_turn)]
"""The page that is asked for, by `limit` and `cursor`. The app's state has the `cursor_key` that signs."""


def invalid_cursor() -> Problem:
    """The 422 of a cursor that is not from this list."""
    detail = "take the nextCursor of an answer to the same question, unchanged"
    fault = {"parameter": "cursor", "in": "query", "detail": detail}
    return Problem(422, "invalid-request", "the request does not fit", errors=[fault])
