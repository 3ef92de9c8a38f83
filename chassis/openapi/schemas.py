"""Makes the schemas of an OpenAPI document read well: each thing once, by its name, and nothing that says nothing."""

from __future__ import annotations

from typing import Any

import orjson

from chassis.types.schemas import COMPONENT, EXAMPLE, taken_apart

Json = dict[str, Any]

_NULL = {"type": "null"}


def tidied(document: Json) -> Json:
    """The document with named components, with examples where schemas have one, and without FastAPI's titles."""
    components = document["components"]["schemas"]
    found: Json = {}
    whole: Json = _named(document, found)
    schemas = {**whole["components"]["schemas"], **found}
    whole["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    assert not components.keys() & found.keys(), "a component has the name of a model"
    for methods in whole["paths"].values():
        for operation in methods.values():
            _tidy(operation, whole["components"]["schemas"])
    _without_marks(whole)
    return whole


def _named(part: Any, found: Json) -> Any:
    """`part` with references to the components in it, which are put into `found`."""
    if isinstance(part, list):
        return [_named(each, found) for each in part]
    if not isinstance(part, dict):
        return part
    if COMPONENT in part:
        name, schema, said = taken_apart(part)
        assert found.setdefault(name, schema) == schema, f"{name} is two different things"
        return {"$ref": f"#/components/schemas/{name}", **said}
    return {key: _named(value, found) for key, value in part.items()}


def _tidy(operation: Json, schemas: Json) -> None:
    for parameter in operation.get("parameters", []):
        _tidy_parameter(parameter)
    for said in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type in said.get("content", {}).values():
            _with_example(media_type, schemas)


def _tidy_parameter(parameter: Json) -> None:
    """Nobody can send null in a path, a query or a header: what may be left out is not required, that is all."""
    schema = parameter["schema"]
    schema.pop("title", None)
    schema.pop("description", None)
    rest = [each for each in schema.pop("anyOf", []) if each != _NULL]
    if len(rest) == 1:
        schema |= rest[0]
    elif rest:
        schema["anyOf"] = rest


def _with_example(media_type: Json, schemas: Json) -> None:
    if "example" in media_type or "examples" in media_type:
        return
    schema = media_type.get("schema", {})
    [schema, *_] = schema.get("anyOf", [schema])
    if name := schema.get("$ref", "").rpartition("/")[2]:
        schema = schemas[name]
    if EXAMPLE in schema:
        media_type["example"] = orjson.loads(schema[EXAMPLE])


def _without_marks(whole: Json) -> None:
    for methods in whole["paths"].values():
        for operation in methods.values():
            for said in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type in said.get("content", {}).values():
                    _plain(media_type.get("schema", {}))
    for schema in whole["components"]["schemas"].values():
        _plain(schema)


def _plain(schema: Any) -> None:
    """Take out our marks, and the titles: FastAPI and pydantic call every member by its own name, with spaces."""
    if isinstance(schema, list):
        for each in schema:
            _plain(each)
    if not isinstance(schema, dict):
        return
    schema.pop(EXAMPLE, None)
    if isinstance(schema.get("title"), str):
        del schema["title"]
    for key, value in schema.items():
        if key == "properties":
            for member in value.values():
                _plain(member)
        elif key not in ("examples", "enum", "const", "default"):
            _plain(value)
