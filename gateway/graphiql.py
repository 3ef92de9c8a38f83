"""The page to write queries on."""

from __future__ import annotations

from pathlib import Path

from strawberry.http.ides import get_graphql_ide_html

from chassis import web

PAGE = Path(__file__).parent / "graphiql.html"


def page() -> bytes:
    """The page; Strawberry's own, which asks a CDN, when its scripts are not installed here."""
    if web.assets("graphiql") is None:
        return get_graphql_ide_html().encode()
    return PAGE.read_bytes()
