"""Errors of calls to the REST services: unavailable for now, or refused with a problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

UNKNOWN_PROCESS = "unknown-process"
"""The `kind` of a request to a store whose address is unknown here."""


class ServiceUnavailable(Exception):
    """A service does not answer, or answers that it cannot serve at the moment. A retry may succeed."""


class RequestRefused(Exception):
    """A service refused a request; a retry gets the same answer.

    `kind` is the end of the problem's type, such as `email-taken`; `faults` are pairs of a JSON pointer and its detail.
    """

    def __init__(self, status: int, kind: str, detail: str, faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("; ".join([detail, *(" ".join(fault) for fault in faults)]))
        self.status = status
        self.kind = kind
        self.detail = detail
        self.faults = faults


def is_not_yet_known(error: object) -> bool:
    """Whether a line was refused because `orders` has not yet consumed what it refers to: send it again later."""
    return isinstance(error, RequestRefused) and error.kind == "reference-not-yet-known"


def refusal_of_response(response: httpx.Response) -> RequestRefused:
    """The problem in an error response; the status line where it has none."""
    try:
        return refusal_of_problem(response.status_code, response.json())
    except (ValueError, KeyError, TypeError, AttributeError):
        return RequestRefused(response.status_code, "", f"{response.status_code} {response.reason_phrase}")


def refusal_of_problem(status: int, problem: Mapping[str, Any]) -> RequestRefused:
    """A problem document as an exception. Raises KeyError, TypeError or AttributeError when it is malformed."""
    faults = [
        (str(each.get("pointer") or each.get("parameter")), str(each["detail"])) for each in problem.get("errors", [])
    ]
    return RequestRefused(status, problem["type"].rpartition(":")[2], problem["detail"], faults)
