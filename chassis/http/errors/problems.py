"""Errors as `application/problem+json` (RFC 9457): what the client did wrong and where, never internals."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from random import randint
from typing import Any

MEDIA_TYPE = "application/problem+json"

MAX_RETRY_AFTER_S = 3


TITLES = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
"""The phrases of RFC 9110 where Python has former ones."""


def title(status: int) -> str:
    """The phrase of a status."""
    return TITLES.get(status, HTTPStatus(status).phrase)


class Problem(Exception):
    """An error response. `kind` is the name of its type; each of `errors` has a location and a fault."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[dict[str, Any]] = (),
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.extensions = extensions


class Unavailable(Problem):
    """A dependency of the service is unavailable: 503. Nothing was written in part, so the client can retry."""

    def __init__(self, dependency: str, retry_after_s: int = 1) -> None:
        super().__init__(
            503,
            "dependency-unavailable",
            f"{dependency[0].upper()}{dependency[1:]} is unavailable; retry.",
            headers={"Retry-After": str(retry_after_s)},
            dependency=dependency,
        )


class OutcomeUnknown(Unavailable):
    """A dependency became unavailable while it was to confirm a change: 503. The change may have been written."""

    def __init__(self, dependency: str) -> None:
        super().__init__(dependency)
        self.kind = "outcome-unknown"
        self.detail = (
            f"{dependency[0].upper()}{dependency[1:]} did not confirm the change in time: it may have been written or "
            "not. Read it again before you repeat it."
        )


class Busy(Unavailable):
    """A dependency is overloaded: 503 at once, so that no more requests wait for it.

    `Retry-After` is random, so that clients rejected together retry at different times.
    """

    def __init__(self, dependency: str) -> None:
        super().__init__(dependency, retry_after_s=randint(1, MAX_RETRY_AFTER_S))
        self.detail = f"{dependency[0].upper()}{dependency[1:]} is overloaded; retry."


def fault(pointer: str, detail: str) -> dict[str, str]:
    """One fault of a request: a JSON pointer into the body (RFC 6901, as a URI fragment) and the error."""
    return {"pointer": pointer, "detail": detail}
