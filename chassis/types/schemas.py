"""JSON Schema of the types that clients send: what is taken, said in the document. pydantic does the checking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ConfigDict, WithJsonSchema

COMPONENT = "x-component"
"""Marks a schema that the document has once, under this name; `openapi_document` makes references of the rest."""

EXAMPLE = "x-example"
"""A schema's example, as JSON text."""

NEEDED: dict[str, Any] = {"x-needed": True}
"""Marks a header whose absence is a refusal of its own, while FastAPI is told that it may be absent."""


def component(name: str, **schema: Any) -> dict[str, Any]:
    """A JSON schema that is a component of the document."""
    return {COMPONENT: {"name": name, "schema": schema}, **schema}


def split_component(part: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The name and the schema of a component, and what this place says beside it, such as its own description."""
    named = part[COMPONENT]
    schema: dict[str, Any] = named["schema"]
    said = {key: value for key, value in part.items() if key != COMPONENT and schema.get(key) != value}
    return named["name"], schema, said


def example(value: dict[str, Any]) -> ConfigDict:
    """The setting of a model that this is an example of."""
    return ConfigDict(json_schema_extra=example_schema(value))


def example_schema(value: Any) -> dict[str, Any]:
    """A schema's example as text, until the document is whole: FastAPI takes each null out of what it is given."""
    return {EXAMPLE: orjson.dumps(value).decode()}


def input_schema(schema: dict[str, Any]) -> WithJsonSchema:
    """The schema of what is taken, where what is shown has another."""
    return WithJsonSchema(schema, mode="validation")


def decimal(before: int, after: int, *, most: int | None = None, any_finer: bool = False) -> dict[str, Any]:
    """A decimal from 0 on, with so many digits before the point, or up to `most`; and so many after it.

    As a JSON number, or as a string such as "12.50". Zeros more than needed are let in; `any_finer` lets in any digits.
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
