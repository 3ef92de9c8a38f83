"""The models of all requests of all services, each with an example that it takes."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_args

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

from chassis.http.content.media_types import MERGE_PATCH
from chassis.openapi.documents import SERVICES
from chassis.types.schemas import EXAMPLE

Json = dict[str, Any]
Example = tuple[type[BaseModel], Json]


def routes() -> Iterator[APIRoute]:
    """Every route of every service."""
    for service in SERVICES:
        for module in pkgutil.walk_packages([service], f"{service}."):
            if module.name.endswith("routes"):
                router: APIRouter = import_module(module.name).router
                yield from (each for each in router.routes if isinstance(each, APIRoute))


def request_models() -> dict[str, Example]:
    """The models of bodies, and the models in them, by their names."""
    found: dict[str, Example] = {}
    for route in routes():
        if route.body_field is not None:
            for model in _models(route.body_field.field_info.annotation):
                found |= dict(_with_inner(model, example_of(model)))
    return dict(sorted(found.items()))


def line_models() -> dict[str, Example]:
    """The models of the lines of bulk requests."""
    found: dict[str, Example] = {}
    for service in (each for each in SERVICES if find_spec(f"{each}.bulk")):
        adapter = import_module(f"{service}.bulk.routes").LINE
        for model in _models(adapter._type):
            found |= dict(_with_inner(model, {}))
    return found


def patched_models() -> dict[str, tuple[type[BaseModel], type[BaseModel]]]:
    """The model that a merge patch changes and the model of its resource, by the path."""
    found = {}
    for route in routes():
        content = (route.openapi_extra or {}).get("requestBody", {}).get("content", {})
        if MERGE_PATCH in content:
            module = import_module(route.endpoint.__module__)
            found[route.path] = getattr(module, content[MERGE_PATCH]["schema"]["title"]), route.response_model
    return found


def example_of(model: type[BaseModel]) -> Json:
    """The example of a model that has one."""
    extra: Any = model.model_config["json_schema_extra"]
    example: Json = orjson.loads(extra[EXAMPLE])
    return example


def _with_inner(model: type[BaseModel], example: Json) -> Iterator[tuple[str, Example]]:
    yield model.__name__, (model, example)
    for name, field in model.model_fields.items():
        value = example.get(field.alias or name)
        for inner in _models(field.annotation):
            yield from _with_inner(inner, value[0] if value and isinstance(value, list) else value or {})


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)
