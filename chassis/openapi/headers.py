"""Response headers in the OpenAPI document: a component for each, and which responses have which."""

from __future__ import annotations

from typing import Any

from chassis.http.middleware import REQUEST_ID
from chassis.rest.idempotency import REPLAYED
from chassis.rest.preferences import APPLIED

Json = dict[str, Any]


def _header(description: str, schema: Json, example: str | int, *, is_required: bool) -> Json:
    return {"description": description, "required": is_required, "schema": schema, "example": example}


def _text(pattern: str) -> Json:
    return {"type": "string", "pattern": pattern}


_COUNT: Json = {"type": "integer", "minimum": 0}

UNVERSIONED = "x-unversioned"
"""Marks an operation that takes a body, and whose response is no resource with a version."""

HEADERS: Json = {
    REQUEST_ID: _header(
        "The id of the request, sent by the client or generated; it is on every log line.",
        _text(r"^[\w.:-]{1,100}$"),
        "01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10",
        is_required=True,
    ),
    "RateLimit-Limit": _header("Requests in a window.", _COUNT, 60000, is_required=False),
    "RateLimit-Remaining": _header("Requests left in this window.", _COUNT, 59999, is_required=False),
    "RateLimit-Reset": _header("Seconds until the next window.", _COUNT, 42, is_required=False),
    "RateLimit-Policy": _header(
        "The limit and its window in seconds.", _text(r"^[0-9]+;w=[0-9]+$"), "60000;w=60", is_required=False
    ),
    "Cache-Control": _header(
        "Caching of the response: none (`no-store`), or with validation by its ETag (`no-cache`).",
        {"enum": ["no-store", "no-cache"]},
        "no-store",
        is_required=True,
    ),
    "ETag": _header("The version, for If-Match and If-None-Match.", _text('^(W/)?"[^"]+"$'), '"3"', is_required=True),
    "Consistency-Token": _header(
        "Opaque; a later read may send it to see at least this write.",
        _text("^[a-z]+:[^:]+:[0-9]+$"),
        "customer:01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10:3",
        is_required=True,
    ),
    "Location": _header(
        "The URL of the new resource.",
        {"type": "string", "format": "uri-reference"},
        "/customers/01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10",
        is_required=True,
    ),
    REPLAYED: _header(
        "Present if this is the stored response of the Idempotency-Key.",
        {"const": "true"},
        "true",
        is_required=False,
    ),
    APPLIED: _header(
        "The preference that was followed (RFC 7240).", _text("^wait=[0-9]+$"), "wait=2", is_required=False
    ),
    "Link": _header(
        "The URLs of the `next` page, except on the last, and of the `first` page (RFC 8288).",
        _text('^<.+>; rel="(next|first)"'),
        '</customers?limit=20&cursor=…>; rel="next", </customers?limit=20>; rel="first"',
        is_required=False,
    ),
    "Retry-After": _header("Seconds to wait.", _COUNT, 1, is_required=True),
}

_RATE_LIMITS = [name for name in HEADERS if name.startswith("RateLimit-")]


def with_headers(operation: Json, responses: Json) -> Json:
    """The responses of an operation with their headers."""
    return {
        status: {**response, "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}
        for status, response in responses.items()
        for names in [[*_of(operation, status), "Cache-Control", REQUEST_ID, *_RATE_LIMITS]]
    }


def _of(operation: Json, status: str) -> list[str]:
    """The headers of a response beside those of all responses."""
    parameters = {each["name"] for each in operation.get("parameters", [])}
    if status in ("429", "503"):
        return ["Retry-After"]
    if status == "304":
        return ["ETag"]
    if status >= "300" or "bulk" in operation["tags"]:
        return []
    if status == "204":
        return ["Consistency-Token"]
    if "If-None-Match" in parameters:
        return ["ETag", "Link"] if "limit" in parameters else ["ETag"]
    if "requestBody" not in operation and not parameters & {"If-Match", "Idempotency-Key"}:
        return []  # a read without a version
    location = ["Location"] if status == "201" else []
    replayed = [REPLAYED] if "Idempotency-Key" in parameters else []
    if operation.get(UNVERSIONED):
        return replayed
    applied = [APPLIED] if "Prefer" in parameters else []
    return ["ETag", "Consistency-Token", *location, *replayed, *applied]
