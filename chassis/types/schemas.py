"""JSON Schemas of input types for the OpenAPI document. pydantic does the validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ConfigDict, WithJsonSchema

COMPONENT = "x-component"
"""Marks a schema that is a component of the document; `chassis/openapi/schemas.py` puts references to it."""

EXAMPLE = "x-example"
"""A schema's example, as JSON text."""

NEEDED: dict[str, Any] = {"x-needed": True}
"""Marks a required header that is optional to FastAPI, since its absence has a problem type of its own."""


def component(name: str, **schema: Any) -> dict[str, Any]:
    """A JSON schema that is a component of the document."""
    return {COMPONENT: {"name": name, "schema": schema}, **schema}


def split_component(part: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The name and the schema of a component, and the members beside it, such as a description."""
    named = part[COMPONENT]
    schema: dict[str, Any] = named["schema"]
    others = {key: value for key, value in part.items() if key != COMPONENT and schema.get(key) != value}
    return named["name"], schema, others


def example(value: dict[str, Any]) -> ConfigDict:
    """The configuration of a model with this example."""
    return ConfigDict(json_schema_extra=example_schema(value))


def example_schema(value: Any) -> dict[str, Any]:
    """A schema's example as text until the document is complete, since FastAPI removes nulls."""
    return {EXAMPLE: orjson.dumps(value).decode()}


def input_schema(schema: dict[str, Any]) -> WithJsonSchema:
    """The schema of the input, if the output has another."""
    return WithJsonSchema(schema, mode="validation")


def decimal(before: int, after: int, *, most: int | None = None, any_finer: bool = False) -> dict[str, Any]:
    """A decimal of at least 0 with `before` digits before the point, or at most `most`, and `after` digits after it.

    A JSON number, or a string such as "12.50". Additional zeros are allowed; `any_finer` allows any further digits.
    """
    finer = "[0-9]{1,30}" if any_finer else f"[0-9]{{1,{after}}}0{{0,{30 - after}}}"
    number: dict[str, Any] = {"type": "number", "minimum": 0}
    if most is None:
        number["exclusiveMaximum"] = 10**before
        pattern = rf"^0{{0,{30 - before}}}[0-9]{{1,{before}}}(\.{finer})?$"
    else:
        assert most == 1
        number["maximum"] = most
        pattern = rf"^0{{1,30}}(\.{finer})?$|^0{{0,29}}1(\.0{{1,30}})?$"
    return {"anyOf": [{**number, "multipleOf": float(f"1e-{after}")}, {"type": "string", "pattern": pattern}]}


def degrees(most: int) -> dict[str, Any]:
    """Degrees from -`most` to `most`, as a JSON number or a string such as "52.516275"."""
    within = "[1-8]?[0-9]" if most == 90 else "1[0-7][0-9]|[1-9]?[0-9]"
    pattern = rf"^-?0{{0,27}}(({within})(\.[0-9]{{1,30}})?|{most}(\.0{{1,30}})?)$"
    return {"anyOf": [{"type": "number", "minimum": -most, "maximum": most}, {"type": "string", "pattern": pattern}]}
