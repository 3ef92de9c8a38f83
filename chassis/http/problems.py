"""Errors as `application/problem+json` (RFC 9457): what a client did wrong and where, never what is inside."""

from __future__ import annotations

from collections.abc import Sequence
from random import randint
from typing import Any

MEDIA_TYPE = "application/problem+json"

MOST_RETRY_AFTER_S = 3


class Problem(Exception):
    """An answer other than the one asked for. `kind` names it for programs; `errors` each say a place and a fault."""

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
    """Something this service stands on is away: 503, try again. Nothing is half-written."""

    def __init__(self, dependency: str, retry_after_s: int = 1) -> None:
        super().__init__(
            503,
            "dependency-unavailable",
            f"{dependency} does not answer at the moment; try again",
            headers={"Retry-After": str(retry_after_s)},
            dependency=dependency,
        )


class Busy(Unavailable):
    """Something this service stands on has more to do than it can: 503 at once, so that no more wait for it.

    Those refused together are told to come back at different times.
    """

    def __init__(self, dependency: str) -> None:
        super().__init__(dependency, retry_after_s=randint(1, MOST_RETRY_AFTER_S))
        self.detail = f"{dependency} has too much to do at the moment; try again"


def fault(pointer: str, detail: str) -> dict[str, str]:
    """One fault of a request: a JSON pointer into the body (RFC 6901, as a URI fragment) and what is wrong there."""
    return {"pointer": pointer, "detail": detail}
