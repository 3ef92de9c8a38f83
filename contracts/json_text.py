"""JSON text as MySQL's JSON and Postgres' jsonb print it, so that equal values have the same text in every database."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def to_json_text(value: Any) -> str:
    """The canonical text of a value: keys sorted by length and then by bytes, separators `, ` and `: `.

    Accepts what msgspec can encode; decimals become strings.
    """
    return json.dumps(_sorted(msgspec.to_builtins(value)), ensure_ascii=False)


def normalize_json_text(text: str) -> str:
    """The canonical text of the JSON in `text`. Raises ValueError for invalid JSON."""
    return to_json_text(json.loads(text))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _sorted(value[key]) for key in keys}
    return [_sorted(each) for each in value] if isinstance(value, list) else value
