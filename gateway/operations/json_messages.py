"""Error messages about variables that show values as JSON, as clients sent them.

graphql-core shows them as Python does: `{'active': None}`. Its messages are made by one function, which each of its
modules imports by name; this module replaces it where values of clients are shown.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from graphql.pyutils import inspect

_MODULES = ("type.definition", "type.scalars", "utilities.validate_input_value")
"""Those of graphql-core whose messages show values of clients."""

MAX_LENGTH = 100
"""A longer value is cut, in characters."""


def shown(value: Any) -> str:
    """A value in an error message: JSON, or graphql-core's text for what is no JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:
        return inspect(value)
    except (ValueError, RecursionError):  # too many digits, or too deep
        return "a value that is too large"
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def install() -> None:
    """Use `shown` in graphql-core's messages about input."""
    for name in _MODULES:
        module: Any = import_module(f"graphql.{name}")
        assert module.inspect in (inspect, shown)
        module.inspect = shown
