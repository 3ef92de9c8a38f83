"""Responses and request bodies of single routes in the OpenAPI document; `document.py` adds those of all routes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import MEDIA_TYPE
from chassis.types.schemas import example_schema

Responses = dict[int | str, dict[str, Any]]

NOT_MODIFIED: Responses = {304: {"description": "Not changed since the ETag in If-None-Match."}}


def problems(*types: ProblemType) -> Responses:
    """The `responses` of a route that returns these problem types, beside the common ones."""
    found: Responses = {}
    for each in types:
        response = found.setdefault(
            each.status, {"description": each.meaning, "content": {MEDIA_TYPE: {"examples": {}}}}
        )
        response["content"][MEDIA_TYPE]["examples"][each.kind] = {"$ref": f"#/components/examples/{each.kind}"}
    return found


def patch_of(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """The request body of a merge patch of `model`, which another route of the document uses whole."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name in ("$defs", "anyOf"):  # the members that are required together are known of the result only
        schema.pop(name, None)
    schema.pop("required", None)
    for member in schema["properties"].values():
        member.pop("default", None)
    extras = {"description": "Members to change. Null clears a member that may be null.", **example_schema(example)}
    content = {"application/merge-patch+json": {"schema": schema | extras}}
    return {"requestBody": {"content": content}}


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to a model that some route of the document uses."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}
