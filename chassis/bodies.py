"""Which request bodies are taken: JSON, and not too much of it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from chassis.problems import Problem

MAX_BODY_BYTES = 1_048_576


def refusal(scope: Scope) -> Problem | None:
    """Why a request cannot be taken, from its headers alone; None when it can."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        return Problem(413, "body-too-large", "the body is too large")
    if scope["method"] not in ("POST", "PUT", "PATCH") or (length == "0" and "transfer-encoding" not in headers):
        return None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return None
    return Problem(415, "unsupported-media-type", "send the body as application/json")


def limited(receive: Receive) -> Receive:
    """`receive`, which refuses (413) a body that did not say its length and turns out too large.

    By an HTTPException: FastAPI takes any other error while it reads the body for a body that cannot be read.
    """
    seen_bytes = 0

    async def receiving() -> Message:
        nonlocal seen_bytes
        message = await receive()
        seen_bytes += len(message.get("body", b""))
        if seen_bytes > MAX_BODY_BYTES:
            raise HTTPException(413)
        return message

    return receiving
