"""What is wrong with a value, in our words: pydantic's texts are about Python's types, not about JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECT, _ARRAY, _STRING = "must be an object", "must be an array", "must be a string"
_INTEGER, _NUMBER, _DECIMAL = "must be an integer", "must be a number", "must be a number such as 12.50"
_TIME, _UUID = "must be a time such as 2026-01-31T12:00:00Z", "must be a UUID"
_ONE_OF = "must be {expected}"

TEXTS: dict[str, str] = {
    "missing": "is required",
    "extra_forbidden": "unknown member",
    "none_required": "must be null",
    **dict.fromkeys(["model_type", "model_attributes_type", "dict_type", "mapping_type"], _OBJECT),
    **dict.fromkeys(["list_type", "tuple_type", "set_type", "iterable_type"], _ARRAY),
    "string_type": _STRING,
    "string_unicode": "must be Unicode text without lone surrogates",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    **dict.fromkeys(["bool_type", "bool_parsing"], "must be true or false"),
    **dict.fromkeys(["int_type", "int_parsing", "int_from_float"], _INTEGER),
    "int_parsing_size": "must be an integer of fewer digits",
    **dict.fromkeys(["float_type", "float_parsing"], _NUMBER),
    **dict.fromkeys(["decimal_type", "decimal_parsing"], _DECIMAL),
    "finite_number": "must be a finite number",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "decimal_max_places": "must have at most {decimal_places} digits after the decimal point",
    "decimal_whole_digits": "must have at most {whole_digits} digits before the decimal point",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    **dict.fromkeys(["enum", "literal_error", "union_tag_invalid"], _ONE_OF),
    **dict.fromkeys(["uuid_type", "uuid_parsing", "uuid_version"], _UUID),
    **dict.fromkeys(["datetime_type", "datetime_parsing", "datetime_from_date_parsing"], _TIME),
    "datetime_object_invalid": _TIME,
    "timezone_aware": "must have a time zone, such as Z",
}
"""By the types of pydantic's errors, with members of their context."""

_OWN = ("value_error", "assertion_error")
"""Errors of our validators, whose texts are ours."""

_FALLBACK = "is not valid"


def detail(error: Mapping[str, Any]) -> str:
    """The text of an error of pydantic, or of one in its form whose type is not one of pydantic's."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _OWN and "error" in context:
        return str(context["error"])
    if kind in TEXTS:
        if error["input"] is None and kind not in ("missing", "extra_forbidden"):
            return "must not be null"
        return TEXTS[kind].format_map({**context, "expected": _choices(context)})
    return str(error["msg"]) if kind in OWN_TYPES else _FALLBACK


OWN_TYPES = frozenset({"query_parameter", "body"})
"""Types of errors that we raise in the form of pydantic's, with our text."""


def _choices(context: Mapping[str, Any]) -> str:
    """The possible values, such as `one of a, b or c`."""
    values = str(context.get("expected") or context.get("expected_tags") or "").replace("'", "")
    return f"one of {values}" if " or " in values or ", " in values else values
