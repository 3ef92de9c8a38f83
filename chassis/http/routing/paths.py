"""The path and query of a request (RFC 3986). Segments are decoded one by one: `%2F` is data, and separates none.

Apps match routes on the normalized path, in which each segment is percent-encoded, and decode what a parameter holds.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_to_bytes

from starlette.types import Scope

from chassis.http.errors.problems import Problem

MAX_PATH_BYTES = 8_000
"""RFC 9110, 4.1 recommends support of targets of at least this size."""

_NOT_ENCODED = "!$&'()*+,;=:@"
"""Characters of a segment that need no percent-encoding, beside letters, digits and `_.-~`."""

_NORMAL = re.compile(rb"(?:/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)+")
"""Most paths, which are normalized as they are sent."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVALID = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^!-~]")


def url_path(*segments: object) -> str:
    """The absolute path of these segments, percent-encoded: a relative reference to one of our resources."""
    return "".join(f"/{quote(str(each), safe=_NOT_ENCODED)}" for each in segments)


def decoded(segment: str) -> str:
    """The text of a segment of a normalized path."""
    return unquote(segment)


def normalized(scope: Scope) -> str:
    """The path of the request in the one form that is matched against routes.

    Raises the problem of a path that is too long (414), malformed (400), or that no resource has (404): one with an
    empty segment, such as a slash at its end, or with `.` or `..`, which clients resolve.
    """
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if len(raw) > MAX_PATH_BYTES:
        raise Problem(414, "uri-too-long", f"The path is longer than {MAX_PATH_BYTES} bytes.")
    if _NORMAL.fullmatch(raw):
        return raw.decode()
    if not raw.startswith(b"/") or _INVALID.search(raw):
        raise _malformed("path")
    if raw == b"/":
        return "/"
    segments = [_text(each) for each in raw[1:].split(b"/")]
    if any(each in ("", ".", "..") for each in segments):
        raise Problem(404, "not-found", "No resource has this URL.")
    return url_path(*segments)


def check_query_string(scope: Scope) -> None:
    """Raises the 400 of a query that is not percent-encoded UTF-8; parsers would replace what they cannot decode."""
    query: bytes = scope["query_string"]
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError as error:
        raise _malformed("query") from error
    if _INVALID.search(query):
        raise _malformed("query")


def check_host(scope: Scope) -> None:
    """Raises the 400 of a request with several Hosts, or without one (RFC 9112, 3.2)."""
    hosts = sum(name == b"host" for name, _ in scope["headers"])
    if hosts > 1 or (hosts == 0 and scope.get("http_version") == "1.1"):
        raise Problem(400, "bad-request", "Send the Host header once.")


def shown(scope: Scope) -> str:
    """A path that `normalized` refuses, as a valid URI reference of limited length."""
    return quote(scope["path"][:200], safe="/" + _NOT_ENCODED)


def _text(segment: bytes) -> str:
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise _malformed("path") from error
    if _CONTROL.search(text):
        raise _malformed("path")
    return text


def _malformed(part: str) -> Problem:
    return Problem(400, "bad-request", f"The {part} must be percent-encoded UTF-8.")
