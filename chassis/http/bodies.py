"""Which request bodies are taken: JSON, and not too much of it; at `*/bulk` JSON lines, as many as there are."""

from __future__ import annotations

from codecs import BOM_UTF8, getincrementaldecoder

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from chassis.http.problems import Problem

MAX_BODY_BYTES = 1_048_576

_BULK = "/bulk"

JSON_LINES = ("application/x-ndjson", "application/jsonl")


def is_bulk(scope: Scope) -> bool:
    """Whether the body is lines, each looked at by whoever reads them, as many as there are."""
    return bool(scope["method"] == "POST" and scope["path"].endswith(_BULK))


def check_headers(scope: Scope) -> Problem | None:
    """Why a request cannot be taken, from its headers alone; None when it can."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES and not is_bulk(scope):
        return Problem(413, "body-too-large", "the body is too large")
    if scope["method"] not in ("POST", "PUT", "PATCH") or (length == "0" and "transfer-encoding" not in headers):
        return None
    if scope["path"].endswith(_BULK) and not is_bulk(scope):
        return None  # there is no such method, whatever the body is
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if is_bulk(scope):
        return None if media_type in JSON_LINES else _unsupported(JSON_LINES[0])
    if media_type == "application/json" or media_type.endswith("+json"):
        return None
    return _unsupported("application/json")


def limited_receive(scope: Scope, receive: Receive) -> Receive:
    """`receive` of a request that was not refused: `limited`, or as it is when the lines of a bulk request come in."""
    return receive if is_bulk(scope) else limit_body(receive)


def limit_body(receive: Receive) -> Receive:
    """`receive`, which refuses a body that is not UTF-8 (400), or did not say its length and is too large (413).

    By an HTTPException: FastAPI takes any other error while it reads the body for a body that cannot be read.
    """
    seen_bytes = 0
    decoder = getincrementaldecoder("utf-8")()

    async def receiving() -> Message:
        nonlocal seen_bytes
        message = await receive()
        part = message.get("body", b"")
        if seen_bytes == 0 and part.startswith(BOM_UTF8):
            raise HTTPException(400)
        seen_bytes += len(part)
        if seen_bytes > MAX_BODY_BYTES:
            raise HTTPException(413)
        try:
            text = decoder.decode(part, final=not message.get("more_body", False))
        except UnicodeDecodeError as error:
            raise HTTPException(400) from error
        if "\0" in text:  # UTF-16 and UTF-32, which Python's json would guess and take; RFC 8259 has UTF-8 alone
            raise HTTPException(400)
        return message

    return receiving


def _unsupported(media_type: str) -> Problem:
    return Problem(415, "unsupported-media-type", f"send the body as {media_type}")
