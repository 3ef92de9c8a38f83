"""Browsers: which origins may call from their scripts (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import environ
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.serving.protocol import SEND_RESPONSE

EXPOSED = (
    *("ETag", "Link", "Location", "Allow", "Retry-After", "X-Request-Id", "Consistency-Token", "Idempotent-Replayed"),
    "Preference-Applied",
    *("RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset"),
)
"""Response headers that scripts may read, beside those that any script may."""

PREFLIGHT_S = 7200
"""How long a browser keeps the answer of a preflight: the most that Chromium does."""

_AN_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def allowed_origins() -> list[str]:
    """The origins in `OMS_CORS_ORIGINS`, separated by commas; `*` for all. Raises ValueError."""
    origins = [each.strip() for each in environ.get("OMS_CORS_ORIGINS", "").split(",") if each.strip()]
    for each in origins:
        if each != "*" and not _AN_ORIGIN.fullmatch(each):
            raise ValueError(f"OMS_CORS_ORIGINS has {each!r}: expected origins such as https://shop.example, or *")
    return origins


class CrossOrigin:
    """An app whose responses scripts of these origins may read. Other requests are passed on as they are."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self._origins = frozenset(origins)
        self._allowing = CORSMiddleware(
            app, origins, allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED, max_age=PREFLIGHT_S
        )

    @property
    def end(self) -> Any:
        """The `end` of the app, if it has one."""
        return getattr(self.app, "end", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin")
        if origin is not None and (origin in self._origins or "*" in self._origins):
            extensions = {**scope.get("extensions", {})}
            extensions.pop(SEND_RESPONSE, None)  # it would send the response without the headers added here
            await self._allowing({**scope, "extensions": extensions}, receive, send)
        else:
            await self.app(scope, receive, self._varying(send))

    def _varying(self, send: Send) -> Send:
        """Caches must not serve scripts what was sent to others."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and "*" not in self._origins:
                MutableHeaders(scope=message).add_vary_header("Origin")
            await send(message)

        return sending
