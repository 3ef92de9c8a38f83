"""Requests with a value that breaks parsers, at every place of the gateway's schema that takes one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gateway.schema import schema
from tests.support.gateway.bad_values import JSON, LITERALS
from tests.support.gateway.positions import Position, positions

AS_DEFAULTS = {"huge int", "infinite float", "null", "text", "NUL", "object", "list", "python's name"}
"""Defaults of variables are read by the same code, but earlier."""


def different(found: list[Position]) -> Iterator[Position]:
    """One position of each type; of texts one of each name, since what a text means is checked after its type."""
    seen = set()
    for each in found:
        is_text = re.search(r"String|ID", each.type)
        key = each.type, re.split(r"[(.]", each.name)[-1] if is_text else ""
        if key not in seen:
            seen.add(key)
            yield each


POSITIONS = list(different(positions(schema._schema)))


def bodies(at: Position) -> Iterator[tuple[str, str]]:
    """Requests with every value at a position, each with its name."""
    for name, literal in LITERALS.items():
        yield f"literal {name}", json.dumps({"query": at.with_literal(literal)})
        if name in AS_DEFAULTS:
            yield f"default {name}", json.dumps({"query": at.with_default(literal)})
    for name, text in JSON.items():
        yield f"variable {name}", f'{{"query": {json.dumps(at.with_variable())}, "variables": {{"value": {text}}}}}'
