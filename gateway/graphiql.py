"""The GraphiQL page, which opens with a tab for each example."""

from __future__ import annotations

from pathlib import Path

import orjson
from strawberry.http.ides import get_graphql_ide_html

from chassis.http import web

PAGE = Path(__file__).parent / "graphiql.html"
EXAMPLES = Path(__file__).parent / "examples"


def examples() -> list[str]:
    """The example queries, each a document with a comment that describes it."""
    return [file.read_text() for file in sorted(EXAMPLES.glob("*.graphql"))]


def page() -> bytes:
    """The page; Strawberry's own, which loads from a CDN, if its scripts are not installed."""
    if web.assets("graphiql") is None:
        return get_graphql_ide_html().encode()
    tabs = [{"query": each, "variables": "", "headers": ""} for each in examples()]
    as_script = orjson.dumps(tabs).replace(b"</", b"<\\/")
    return PAGE.read_bytes().replace(b"/* the examples */ []", as_script)
