"""Problems as HTTP responses: every error of FastAPI becomes `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from chassis.http.content import strict_json
from chassis.http.errors import fault_texts
from chassis.http.errors.problems import MEDIA_TYPE, Problem, fault, title
from chassis.http.routing.routes import allowed_methods
from chassis.logs import logger

log = logger(__name__)

MAX_FAULTS = 100


def response(problem: Problem, request: Request) -> Response:
    """The problem as an HTTP response."""
    headers = {"Retry-After": "1", **problem.headers} if problem.status in (429, 503) else problem.headers
    return Response(encode_problem(problem_body(problem, request)), problem.status, headers, MEDIA_TYPE)


def problem_body(problem: Problem, request: Request) -> dict[str, Any]:
    """The members of the problem as a response to this request."""
    return problem_members(problem, request.scope["path"])


def problem_members(problem: Problem, instance: str) -> dict[str, Any]:
    """The members of the problem at the path `instance`."""
    body: dict[str, Any] = {
        "type": f"urn:oms:problem:{problem.kind}",
        "title": title(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        **problem.extensions,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return body


def encode_problem(body: dict[str, Any]) -> bytes:
    """The problem as JSON. A lone surrogate, which may come from a member name of the client, is escaped."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def install(app: FastAPI) -> None:
    """Make `app` return client errors as problems; `RequestContext` does so for unexpected exceptions."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.status == 503:
            log.warning("dependency unavailable", reason=repr(error.__cause__ or error))
        return response(error, request)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return response(_from_validation(error), request)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = _from_http(error)
        if problem.status == 405:
            problem.headers["Allow"] = ", ".join(allowed_methods(request))
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=problem.headers)
        return response(problem, request)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)


def _from_validation(error: RequestValidationError) -> Problem:
    faults = error.errors()
    if any(each["type"] == "json_invalid" for each in faults):
        return Problem(400, "not-json", "The body is not valid JSON.")
    return validation_problem(faults)


def validation_problem(faults: Iterable[dict[str, Any]]) -> Problem:
    """The 422 of pydantic's errors, each at its location: `loc` begins with the part of the request.

    At most the first `MAX_FAULTS` are listed.
    """
    errors = [_located(each) for each in islice(faults, MAX_FAULTS)]
    return Problem(422, "invalid-request", "The request is invalid.", errors=errors)


def _located(each: dict[str, Any]) -> dict[str, str]:
    part, *path = each["loc"]
    text = fault_texts.detail(each)
    if part == "body":
        return fault("#" + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path), text)
    return {"parameter": str(path[0]) if path else "", "in": str(part), "detail": text}


def _from_http(error: HTTPException) -> Problem:
    kinds = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    details = {
        400: "The body must be JSON in UTF-8.",
        404: "No resource has this URL.",
        405: "This URL does not support the method; use one of the Allow header.",
        413: "The body is too large.",
    }
    detail = details.get(error.status_code, str(error.detail))
    if error.status_code == 400 and isinstance(error.__cause__, RecursionError):
        detail = "The body is nested too deeply."
    if error.status_code == 400 and strict_json.is_long_number(error.__cause__):
        detail = "A number in the body has too many digits."
    return Problem(
        error.status_code, kinds.get(error.status_code, "refused"), detail, headers=dict(error.headers or {})
    )
