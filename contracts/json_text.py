"""JSON text as MySQL's JSON and Postgres' jsonb print it, so that equal values are equal text in every store."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def to_json_text(value: Any) -> str:
    """The one text of a value: keys by their length and then by their bytes, `, ` and `: ` between.

    Takes what msgspec can encode; decimals become strings, as they are everywhere else.
    """
    return json.dumps(_sorted(msgspec.to_builtins(value)), ensure_ascii=False)


def normalize_json_text(text: str) -> str:
    """The one text of what `text` says. Raises ValueError for what is no JSON."""
    return to_json_text(json.loads(text))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _sorted(value[key]) for key in keys}
    return [_sorted(each) for each in value] if isinstance(value, list) else value
