"""The page to write queries on, which opens with a tab for each of the examples."""

from __future__ import annotations

from pathlib import Path

import orjson
from strawberry.http.ides import get_graphql_ide_html

from chassis.http import web

PAGE = Path(__file__).parent / "graphiql.html"
EXAMPLES = Path(__file__).parent / "examples"


def examples() -> list[str]:
    """A storefront's queries, each a document with a comment that says what for."""
    return [file.read_text() for file in sorted(EXAMPLES.glob("*.graphql"))]


def page() -> bytes:
    """The page; Strawberry's own, which asks a CDN, when its scripts are not installed here."""
    if web.assets("graphiql") is None:
        return get_graphql_ide_html().encode()
    tabs = [{"query": each, "variables": "", "headers": ""} for each in examples()]
    as_script = orjson.dumps(tabs).replace(b"</", b"<\\/")
    return PAGE.read_bytes().replace(b"/* the examples */ []", as_script)
