"""GraphQL over HTTP: one path, for queries and for the page to write them on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
from cross_web import HTTPException
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from graphql import GraphQLFormattedError
from strawberry.fastapi import GraphQLRouter
from strawberry.http import GraphQLHTTPResponse

from chassis import web
from chassis.problems import Problem
from gateway.context import Context
from gateway.errors import UNAVAILABLE
from gateway.schema import schema

GRAPHIQL = Path(__file__).parent / "graphiql.html"


class Router(GraphQLRouter[Context, None]):
    """Strawberry's router, with problems for what is no GraphQL request, and 503 when nothing could be answered."""

    def __init__(self, new_context: Callable[[], Context]) -> None:
        async def context() -> Context:
            return new_context()

        self._graphiql = GRAPHIQL.read_text()
        super().__init__(schema, path="/graphql", context_getter=context, subscription_protocols=())

    async def run(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer one request. Raises Problem for one that is not GraphQL."""
        try:
            return await super().run(request, *args, **kwargs)
        except HTTPException as error:
            raise Problem(error.status_code, "bad-request", error.reason) from error

    async def render_graphql_ide(self, request: Request) -> HTMLResponse:
        """The page to write queries on; Strawberry's own, which asks a CDN, when its scripts are not installed here."""
        if web.assets("graphiql") is None:
            return await super().render_graphql_ide(request)
        return HTMLResponse(self._graphiql)

    def decode_json(self, data: str | bytes) -> object:
        """A request's body, or one of its parts in a URL."""
        read = orjson.loads(data)
        if not isinstance(read, dict | list):
            raise HTTPException(400, "A GraphQL request is a JSON object")
        return read

    def encode_json(self, data: object) -> bytes:
        """An answer's body."""
        return orjson.dumps(data)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The HTTP answer: 200, also for errors; 503 when no field could be answered because a store is away."""
        response = super().create_response(response_data, sub_response)
        if isinstance(response_data, dict) and _is_unavailable(response_data):
            response.status_code = 503
            response.headers["Retry-After"] = "1"
        return response


def _is_unavailable(answer: GraphQLHTTPResponse) -> bool:
    data, errors = answer.get("data"), cast(list[GraphQLFormattedError], answer.get("errors") or [])
    away = {error["path"][0] for error in errors if error["extensions"]["code"] == UNAVAILABLE and "path" in error}
    return bool(data) and all(value is None and field in away for field, value in (data or {}).items())
