"""Accepted request bodies: JSON of limited size; at `*/bulk` any number of JSON lines."""

from __future__ import annotations

from codecs import BOM_UTF8, getincrementaldecoder

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from chassis.http.content import media_types
from chassis.http.errors.problems import Problem

MAX_BODY_BYTES = 1_048_576

_BULK = "/bulk"


def is_bulk(scope: Scope) -> bool:
    """Whether the body is JSON lines, which the route validates one by one."""
    return bool(scope["method"] == "POST" and scope["path"].endswith(_BULK))


def has_body(scope: Scope) -> bool:
    """Whether the request has a body, which may be empty if its length is not declared."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""


def check_headers(scope: Scope) -> Problem | None:
    """The problem of a request whose headers show that its body is not accepted; None if it is."""
    if not has_body(scope):
        return None
    headers, lines = Headers(scope=scope), is_bulk(scope)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES and not lines:
        return Problem(413, "body-too-large", "The body is too large.")
    read = ("GET", "POST") if scope["path"].endswith(_BULK) else ("GET", "POST", "PUT", "PATCH", "DELETE")
    if scope["method"] not in read:
        return None  # 405 for any body
    return media_types.check_coding(headers) or media_types.check_type(headers, scope["method"], is_bulk=lines)


def limited_receive(scope: Scope, receive: Receive) -> Receive:
    """`receive` with limits of the body (`limit_body`), or without for a bulk request."""
    return receive if is_bulk(scope) else limit_body(receive)


def limit_body(receive: Receive) -> Receive:
    """`receive`, raising HTTPException for a body that is not UTF-8 (400) or exceeds the limit (413).

    FastAPI treats any other exception while it reads the body as an unreadable body.
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
        if "\0" in text:  # UTF-16 or UTF-32, which Python's json detects; RFC 8259 allows UTF-8 only
            raise HTTPException(400)
        return message

    return receiving
