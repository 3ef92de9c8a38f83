"""What routes say of their answers in the OpenAPI document. `openapi_document.py` adds what all routes have alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from chassis.http.problem_types import ProblemType
from chassis.http.problems import MEDIA_TYPE
from chassis.types.schemas import example_schema

Responses = dict[int | str, dict[str, Any]]

NOT_MODIFIED: Responses = {304: {"description": "Not changed since the ETag in If-None-Match."}}


def problems(*types: ProblemType) -> Responses:
    """The `responses` of a route that answers these types of problems, beside those that its like all answer."""
    found: Responses = {}
    for each in types:
        response = found.setdefault(each.status, {"description": each.means, "content": {MEDIA_TYPE: {"examples": {}}}})
        response["content"][MEDIA_TYPE]["examples"][each.kind] = {"$ref": f"#/components/examples/{each.kind}"}
    return found


def patch_of(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """The request body of a merge patch of `model`, which some route of the page takes whole."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    required = schema.pop("required")
    for name, member in schema["properties"].items():
        member.pop("default", None)
        if name not in required and {"type": "null"} not in member.get("anyOf", []):
            schema["properties"][name] = {"anyOf": [member, {"type": "null"}]}
    said = {"description": "What to change. Null clears a member that may be absent.", **example_schema(example)}
    content = {"application/merge-patch+json": {"schema": schema | said}}
    return {"requestBody": {"content": content}}


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to a model that some route of the page takes or gives."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}
