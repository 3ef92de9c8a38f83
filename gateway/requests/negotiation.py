"""The media types of responses and of request bodies.

A client that accepts a stream as well as a single response gets a stream for a subscription only, unless it prefers
one: urql, for example, lists both for every operation.

Sources: RFC 9110, 12.5.1; https://graphql.github.io/graphql-over-http/draft/ (media types).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from chassis.http.content.accept import Range, named_quality, ranges

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
STREAM = "text/event-stream"

_DEFAULT = "application/json"
"""What a client without `Accept` gets, as GraphQL over HTTP says."""

_CACHED_LENGTH = 1000


class Accepted(NamedTuple):
    """What a client accepts: the media type of an operation's single response, or None; and whether a stream."""

    single: str | None
    stream: bool


def accepted(accept: str, has_page: bool) -> Accepted:
    """What this `Accept` header accepts. HTML is offered only if `has_page`."""
    return (_cached if len(accept) <= _CACHED_LENGTH else _accepted)(accept, has_page)


def _accepted(accept: str, has_page: bool) -> Accepted:
    given = [each for each in ranges(accept.strip() or _DEFAULT) if _is_utf_8(each)]
    # Of equal qualities the one that is named beats the one that a wildcard includes, then the first. GraphQL's own
    # type is for those who name it: clients that accept anything expect plain JSON, as before that type existed.
    offered = [GRAPHQL, JSON] if any(each.name == GRAPHQL for each in given) else [JSON, GRAPHQL]
    offered += [HTML] if has_page else []
    rated = [(named_quality(each, given), -place, each) for place, each in enumerate(offered)]
    (quality, _), _, best = max(rated)
    stream = named_quality(STREAM, given).quality
    if stream > quality:
        best, quality = STREAM, stream
    return Accepted(best if quality > 0 else None, stream > 0)


_cached = lru_cache(maxsize=256)(_accepted)


@lru_cache(maxsize=256)
def is_json(content_type: bytes) -> bool:
    """Whether a body has a supported media type: JSON in UTF-8."""
    found = ranges(content_type.decode("latin-1"))  # the same syntax, for one type
    return len(found) == 1 and found[0].name == JSON and _is_utf_8(found[0])


def _is_utf_8(each: Range) -> bool:
    return each.parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")
