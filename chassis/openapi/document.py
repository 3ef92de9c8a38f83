"""A service's OpenAPI document: FastAPI's, completed with the problems, headers and schemas of chassis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from chassis.bulk.json_lines import MEDIA_TYPE as JSON_LINES
from chassis.http.clients import CLIENT_ID, NAME
from chassis.http.errors.problem_responses import problem_members
from chassis.http.errors.problem_types import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    CLIENT_ID_INVALID,
    EVERY_SERVICE,
    IN_FLIGHT,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    KEY_INVALID,
    KEY_MISSING,
    KEY_REUSED,
    NOT_JSON,
    OUTCOME_UNKNOWN,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    RATE_LIMITED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    URI_TOO_LONG,
    ProblemType,
)
from chassis.http.errors.problems import MEDIA_TYPE as PROBLEM
from chassis.openapi.headers import HEADERS, UNVERSIONED, with_headers
from chassis.openapi.schemas import complete_schemas

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "An error (RFC 9457). `type` is for programs, `detail` for people.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {**_TEXT, "pattern": "^urn:oms:problem:[a-z-]+$"},
        "title": {**_TEXT, "description": "The phrase of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "instance": {**_TEXT, "description": "The path of the request."},
        "errors": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Fault"}},
        "dependency": {**_TEXT, "description": "The unavailable dependency."},
    },
    "additionalProperties": False,
}
FAULT_SCHEMA: Json = {
    "description": "One fault of a request.",
    "oneOf": [
        {
            "type": "object",
            "required": ["pointer", "detail"],
            "properties": {
                "pointer": {**_TEXT, "pattern": "^#", "description": "A JSON pointer into the body (RFC 6901)."},
                "detail": _TEXT,
            },
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["parameter", "in", "detail"],
            "properties": {
                "parameter": {**_TEXT, "description": "The parameter's name."},
                "in": {"enum": ["path", "query", "header"]},
                "detail": _TEXT,
            },
            "additionalProperties": False,
        },
    ],
}

CLIENT_NAME: Json = {
    "name": CLIENT_ID,
    "in": "header",
    "required": False,
    "description": "The client's name, for the rate limit, Idempotency-Keys and the history of orders. "
    "Clients without a name share one scope of Idempotency-Keys.",
    "schema": {**_TEXT, "pattern": f"^{NAME}$"},
    "example": "storefront",
}

_FASTAPI_DEFAULT = "Successful Response"
_DONE = {"200": "The current state.", "201": "Created.", "204": "Deleted."}

_ALWAYS = (BAD_REQUEST, CLIENT_ID_INVALID, INVALID_REQUEST, RATE_LIMITED, INTERNAL_ERROR, UNAVAILABLE)


def install(app: FastAPI, own_types: Sequence[ProblemType]) -> None:
    """Let `app` serve its document with the problems of every service and its `own_types`."""
    openapi = app.openapi

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _complete_document(openapi(), [*EVERY_SERVICE, *own_types])
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _complete_document(document: Json, types: Sequence[ProblemType]) -> Json:
    by_kind = {each.kind: each for each in types}
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete_operation(operation, method, by_kind)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Problem": _problem_schema(types), "Fault": _fault_schema(types)}
    document["components"]["examples"] = {kind: _example(by_kind[kind]) for kind in sorted(by_kind)}
    document["components"]["headers"] = HEADERS
    return complete_schemas(document)


def _problem_schema(types: Iterable[ProblemType]) -> Json:
    """The schema of all problems, with the numbers that some of these types have beside the common members."""
    numbers = sorted({name for each in types for name, value in each.example.extensions.items() if type(value) is int})
    return {
        **PROBLEM_SCHEMA,
        "properties": {**PROBLEM_SCHEMA["properties"], **{name: {"type": "integer"} for name in numbers}},
    }


def _fault_schema(types: Iterable[ProblemType]) -> Json:
    """The schema of all faults, with the members that those of some of these types have beside the common ones."""
    in_body, in_request = FAULT_SCHEMA["oneOf"]
    faults = [fault for each in types for fault in each.example.errors if "pointer" in fault]
    more = {
        name: {"type": "integer" if type(value) is int else "string"}
        for fault in faults
        for name, value in sorted(fault.items())
        if name not in in_body["properties"]
    }
    return {**FAULT_SCHEMA, "oneOf": [{**in_body, "properties": in_body["properties"] | more}, in_request]}


def _complete_operation(operation: Json, method: str, by_kind: dict[str, ProblemType]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["schema"].pop("x-needed", False):
            parameter["required"] = True
    own, responses = _without_problems(operation["responses"])
    implied = [each.kind for each in _implied(operation, method)]
    for kind in dict.fromkeys([*own, *implied]):
        _add(responses, by_kind[kind])
    operation["responses"] = with_headers(operation, dict(sorted(responses.items())))
    operation.pop(UNVERSIONED, None)
    operation["parameters"] = [*operation.get("parameters", []), deepcopy(CLIENT_NAME)]


def _without_problems(responses: Json) -> tuple[list[str], Json]:
    """The kinds of problems that a route names itself, and its other responses."""
    own, others = [], {}
    for status, response in responses.items():
        examples = response.get("content", {}).get(PROBLEM, {}).get("examples")
        if examples is not None:
            own += list(examples)
        elif status < "400":
            description = response["description"]
            others[status] = {
                **response,
                "description": _DONE[status] if description == _FASTAPI_DEFAULT else description,
            }
    return own, others


def _implied(operation: Json, method: str) -> Iterable[ProblemType]:
    headers = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "header"}
    is_bulk = JSON_LINES in operation.get("requestBody", {}).get("content", {})
    if any(each["in"] == "path" for each in operation.get("parameters", [])):
        yield URI_TOO_LONG
    if method in ("post", "put", "patch"):
        yield UNSUPPORTED_MEDIA_TYPE
        if not is_bulk:
            yield BODY_TOO_LARGE
    if "requestBody" in operation and not is_bulk:
        yield NOT_JSON
    if key := headers.get("Idempotency-Key"):
        yield from (KEY_INVALID, IN_FLIGHT, KEY_REUSED)
        if key["required"]:
            yield KEY_MISSING
    if tag := headers.get("If-Match"):
        yield PRECONDITION_FAILED
        if tag["required"]:
            yield PRECONDITION_REQUIRED
    if method != "get":
        yield OUTCOME_UNKNOWN
    yield from _ALWAYS


def _add(responses: Json, kind: ProblemType) -> None:
    status = str(kind.status)
    if status not in responses:
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        responses[status] = {"description": kind.meaning, "content": {PROBLEM: content}}
    elif kind.meaning not in responses[status]["description"]:
        responses[status]["description"] += " Or: " + kind.meaning
    examples = responses[status]["content"][PROBLEM]["examples"]
    examples[kind.kind] = {"$ref": f"#/components/examples/{kind.kind}"}


def _example(kind: ProblemType) -> Json:
    return {"summary": kind.meaning, "description": kind.remedy, "value": problem_members(kind.example, kind.at)}
