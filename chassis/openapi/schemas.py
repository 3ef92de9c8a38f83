"""What FastAPI leaves open in the schemas of its document: named components, examples, optional parameters."""

from __future__ import annotations

from typing import Any

import orjson

from chassis.types.schemas import COMPONENT, EXAMPLE, split_component

Json = dict[str, Any]

_NULL = {"type": "null"}
_VALUES = frozenset({"example", "examples", "enum", "const", "default"})
"""Members of a schema whose content is data."""


def complete_schemas(document: Json) -> Json:
    """The document with a component for each named schema, and an example for each body whose schema has one."""
    schemas = document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
            for message in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in message.get("content", {}).values():
                    _add_example(content, schemas)
    components: Json = {}
    paths, models = _with_references(document["paths"], components), _with_references(schemas, components)
    assert not models.keys() & components.keys(), "a component has the name of a model"
    named = dict(sorted((models | components).items()))
    return {**document, "paths": paths, "components": {**document["components"], "schemas": named}}


def _without_null(schema: Json) -> Json:
    """A path, a query or a header cannot hold null: an optional parameter is one that is not required."""
    rest = [each for each in schema.get("anyOf", []) if each != _NULL]
    schema = {name: value for name, value in schema.items() if name not in ("anyOf", "description")}
    return {**schema, **(rest[0] if len(rest) == 1 else {"anyOf": rest} if rest else {})}


def _add_example(content: Json, schemas: Json) -> None:
    if "example" in content or "examples" in content:
        return
    schema = content.get("schema", {})
    [schema, *_] = schema.get("anyOf", [schema])
    if name := schema.get("$ref", "").rpartition("/")[2]:
        schema = schemas[name]
    if EXAMPLE in schema:
        content["example"] = orjson.loads(schema[EXAMPLE])


def _with_references(part: Any, components: Json) -> Any:
    """`part` with references in place of named schemas, which are added to `components`; without generated titles."""
    if isinstance(part, list):
        return [_with_references(each, components) for each in part]
    if not isinstance(part, dict):
        return part
    schema = {
        key: value if key in _VALUES else _with_references(value, components)
        for key, value in part.items()
        if key != EXAMPLE and not (key == "title" and isinstance(value, str))
    }
    if COMPONENT not in schema:
        return schema
    name, component, others = split_component(schema)
    assert components.setdefault(name, component) == component, f"two different schemas are named {name}"
    return {"$ref": f"#/components/schemas/{name}", **others}
