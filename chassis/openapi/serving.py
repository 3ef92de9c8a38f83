"""Serves a service's OpenAPI document, which its clients may keep for a while."""

from __future__ import annotations

import hashlib
from functools import cache

import orjson
from fastapi import FastAPI, Response

from chassis.http.caching import PAGES
from chassis.http.web import remove_route
from chassis.rest.dependencies import IfNoneMatch
from chassis.rest.etags import etag_matches, weak_etag

PATH = "/openapi.json"


def serve_document(app: FastAPI) -> None:
    """Serve the document with an ETag, encoded once; FastAPI's own route encodes it for each request."""
    remove_route(app, app.openapi_url)

    @cache
    def encoded() -> tuple[bytes, str]:
        text = orjson.dumps(app.openapi())
        return text, weak_etag(hashlib.sha256(text).hexdigest()[:32])

    @app.get(PATH, include_in_schema=False)
    async def document(if_none_match: IfNoneMatch = None) -> Response:
        text, tag = encoded()
        headers = {"ETag": tag, "Cache-Control": PAGES}
        if etag_matches(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/json")
