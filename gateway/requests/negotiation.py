"""Which kind of answer a client takes, and which kind of body it sent.

Source: https://graphql.github.io/graphql-over-http/draft/ (media types); RFC 9110, 12.5.1.
"""

from __future__ import annotations

from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

_MOST_WISHES = 30


@lru_cache(maxsize=256)
def media_type(accept: bytes, has_page: bool) -> str | None:
    """The kind of answer that `accept` likes best; None when it takes none. The page is one where `has_page`.

    Whoever takes anything gets plain JSON, as they did before GraphQL had a kind of its own.
    """
    offered = [JSON, GRAPHQL, *([HTML] if has_page else [])]
    if not accept.strip():
        return JSON
    wishes = [_wish(each) for each in accept.decode("latin-1").split(",")[:_MOST_WISHES]]
    rated = [(_quality(each, wishes), -place, each) for place, each in enumerate(offered)]
    (quality, _), _, best = max(rated)
    return best if quality > 0 else None


@lru_cache(maxsize=256)
def is_json(content_type: bytes) -> bool:
    """Whether a body of this kind is read: JSON, in UTF-8."""
    kind, *parameters = (each.strip().lower() for each in content_type.decode("latin-1").split(";"))
    charsets = [each.partition("=")[2].strip(' "') for each in parameters if each.startswith("charset=")]
    return kind == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def _wish(text: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    charset = next((each[8:].strip('"') for each in parameters if each.startswith("charset=")), "utf-8")
    try:
        return kind, float(quality) if charset in ("utf-8", "utf8") else 0.0
    except ValueError:
        return kind, 0.0


def _quality(offered: str, wishes: list[tuple[str, float]]) -> tuple[float, bool]:
    """How much a kind is wished for, by the wish that names it most exactly; and whether it is named."""
    for named in (offered, offered.partition("/")[0] + "/*", "*/*"):
        found = [quality for kind, quality in wishes if kind == named]
        if found:
            return max(found), named == offered
    return 0.0, False
