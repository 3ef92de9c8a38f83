"""The media types of responses and of request bodies.

Source: https://graphql.github.io/graphql-over-http/draft/ (media types); RFC 9110, 12.5.1.
"""

from __future__ import annotations

from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

_MAX_RANGES = 30


@lru_cache(maxsize=256)
def media_type(accept: bytes, has_page: bool) -> str | None:
    """The media type that `accept` prefers; None when it accepts none. HTML is offered only if `has_page`.

    A client that accepts anything gets plain JSON, as before GraphQL had its own media type.
    """
    offered = [JSON, GRAPHQL, *([HTML] if has_page else [])]
    if not accept.strip():
        return JSON
    ranges = [_media_range(each) for each in accept.decode("latin-1").split(",")[:_MAX_RANGES]]
    rated = [(_quality(each, ranges), -place, each) for place, each in enumerate(offered)]
    (quality, _), _, best = max(rated)
    return best if quality > 0 else None


@lru_cache(maxsize=256)
def is_json(content_type: bytes) -> bool:
    """Whether a body has a supported media type: JSON in UTF-8."""
    kind, *parameters = (each.strip().lower() for each in content_type.decode("latin-1").split(";"))
    charsets = [each.partition("=")[2].strip(' "') for each in parameters if each.startswith("charset=")]
    return kind == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def _media_range(text: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    charset = next((each[8:].strip('"') for each in parameters if each.startswith("charset=")), "utf-8")
    try:
        return kind, float(quality) if charset in ("utf-8", "utf8") else 0.0
    except ValueError:
        return kind, 0.0


def _quality(offered: str, ranges: list[tuple[str, float]]) -> tuple[float, bool]:
    """The quality of a media type, from the most specific range that matches; and whether it is named exactly."""
    for named in (offered, offered.partition("/")[0] + "/*", "*/*"):
        found = [quality for kind, quality in ranges if kind == named]
        if found:
            return max(found), named == offered
    return 0.0, False
