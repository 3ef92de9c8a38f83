"""What the OpenAPI page of every service says about the answers that are problems."""

from __future__ import annotations

from typing import Any

from chassis.problems import MEDIA_TYPE

_MEANINGS = {
    400: "The request cannot be read: its body is no JSON in UTF-8, or its Idempotency-Key does not fit.",
    404: "There is nothing with this id.",
    409: "It cannot be done as things are: the problem says what and where.",
    410: "The Idempotency-Key was used for a person who is erased: nothing is made again for it.",
    412: "The resource was changed since it was read: If-Match names an older version.",
    415: "The body is of another media type.",
    422: "The request does not fit: the problem says where.",
    428: "If-Match is missing.",
    429: "The caller has sent more requests than RateLimit-Policy allows; Retry-After says when to go on.",
    503: "Something that is needed is away. Nothing is half-written; look before a write is sent again.",
}

_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {**_TEXT, "examples": ["urn:oms:problem:invalid-request"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {"pointer": _TEXT, "parameter": _TEXT, "in": _TEXT, "detail": _TEXT},
            },
        },
    },
}

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed since the ETag in If-None-Match."}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for these problem statuses (RFC 9457); 429 is one of every route."""
    content = {MEDIA_TYPE: {"schema": _PROBLEM}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in sorted({*statuses, 429})}
