"""Every type of problem that any service answers: a real example, what it means, what a client does about it.

What only one service answers stands in that service's `refusals.py` or `problems.py`, in the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.http.problems import Problem, Unavailable, fault


@dataclass(frozen=True)
class ProblemType:
    """One type, by its example. `at` is the address that the example is answered from."""

    example: Problem
    means: str
    do: str
    at: str = "/"

    @property
    def kind(self) -> str:
        """Its name, the last part of `type`."""
        return self.example.kind

    @property
    def status(self) -> int:
        """The HTTP status it comes with."""
        return self.example.status


_INVALID = [
    fault("#/email", "The email address is not valid. It must have exactly one @-sign."),
    {"parameter": "limit", "in": "query", "detail": "Input should be less than or equal to 100"},
]

NOT_JSON = ProblemType(
    Problem(400, "not-json", "the body is not JSON"),
    "The body is no JSON.",
    "Mend the body.",
)
BAD_REQUEST = ProblemType(
    Problem(400, "bad-request", "the body cannot be read: it must be JSON in UTF-8"),
    "The request cannot be read: it is no HTTP, or its body is not in UTF-8.",
    "Mend the request.",
)
KEY_MISSING = ProblemType(
    Problem(
        400,
        "idempotency-key-missing",
        "send an Idempotency-Key: a new random text, such as a UUID, for each order",
    ),
    "The Idempotency-Key is missing, without which an order could be placed twice.",
    "Make a random key for this order, keep it, and send it with every try.",
)
KEY_INVALID = ProblemType(
    Problem(400, "idempotency-key-invalid", "an Idempotency-Key is 1 to 255 printable ASCII characters, once"),
    "The Idempotency-Key is none.",
    "Send one such as a UUID.",
)
CLIENT_ID_INVALID = ProblemType(
    Problem(
        400,
        "client-id-invalid",
        "X-Client-Id is malformed (once, 1 to 100 letters, digits or any of . _ @ : -)",
    ),
    "X-Client-Id is malformed, or there are several.",
    "Send one name that fits, or none.",
)
NOT_FOUND = ProblemType(
    Problem(404, "not-found", "there is nothing at this address"),
    "There is nothing at this address.",
    "Look at the address: a path of this API has a slip of the pen in it.",
)
METHOD_NOT_ALLOWED = ProblemType(
    Problem(405, "method-not-allowed", "Method Not Allowed"),
    "The address has no such method.",
    "Use one of those in the `Allow` header.",
)
IN_FLIGHT = ProblemType(
    Problem(
        409,
        "request-in-flight",
        "the first request with this Idempotency-Key is still being worked on; try again in a moment",
    ),
    "The first request with this Idempotency-Key is still being worked on.",
    "Send it again after `Retry-After` seconds, under the same key.",
)
ERASED = ProblemType(
    Problem(410, "erased", "this Idempotency-Key was used for a person who is erased"),
    "The Idempotency-Key was used for a person who is erased since: nothing is made again for it.",
    "Do not repeat it.",
)
PRECONDITION_FAILED = ProblemType(
    Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again"),
    "The resource was changed since it was read: If-Match names another version.",
    "Read it again, look whether the change still makes sense, and send it with the new ETag.",
)
BODY_TOO_LARGE = ProblemType(
    Problem(413, "body-too-large", "the body is too large"),
    "The body has more than 1 MiB.",
    "Send less at once; many products or customers go as JSON lines, as many as there are.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    Problem(415, "unsupported-media-type", "send the body as application/json"),
    "The body is of another media type.",
    "Send it as the `Content-Type` that the problem names.",
)
INVALID_REQUEST = ProblemType(
    Problem(422, "invalid-request", "the request does not fit", errors=_INVALID),
    "The request does not fit. `errors` has all faults: each a JSON pointer into the body, or a parameter.",
    "Mend what `errors` names.",
)
KEY_REUSED = ProblemType(
    Problem(422, "idempotency-key-reused", "this Idempotency-Key was used for another request"),
    "The Idempotency-Key was used for a request that says something else.",
    "Take a new key for what is new; repeat a request with the very body it had.",
)
PRECONDITION_REQUIRED = ProblemType(
    Problem(428, "precondition-required", "send If-Match with the ETag of the resource you read"),
    "If-Match is missing, without which a change by somebody else could be overwritten.",
    "Read the resource and send its ETag as If-Match.",
)
RATE_LIMITED = ProblemType(
    Problem(429, "rate-limited", "you have sent more requests than RateLimit-Policy allows; try again in 12 s"),
    "The caller has sent more requests than `RateLimit-Policy` allows.",
    "Go on after `Retry-After` seconds.",
)
INTERNAL_ERROR = ProblemType(
    Problem(500, "internal-error", "the request failed; the log says why, at 01990b3e-6a50-7c3e-9a3f-2b1f0c6a7d10"),
    "Something is wrong in the service. The log has the reason, at the id that the problem names.",
    "Tell whoever runs the service the id. A POST with an Idempotency-Key may be sent again.",
)
UNAVAILABLE = ProblemType(
    Unavailable("the database"),
    "Something that the service needs is away; `dependency` names it. Nothing is half-written.",
    "Send it again after `Retry-After` seconds, as it was: a POST under the same key, a change with the same If-Match.",
)

EVERY_SERVICE = (
    NOT_JSON,
    BAD_REQUEST,
    KEY_MISSING,
    KEY_INVALID,
    CLIENT_ID_INVALID,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    IN_FLIGHT,
    ERASED,
    PRECONDITION_FAILED,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    KEY_REUSED,
    PRECONDITION_REQUIRED,
    RATE_LIMITED,
    INTERNAL_ERROR,
    UNAVAILABLE,
)


def page(types: Iterable[ProblemType]) -> str:
    """The page that lists all types of problems, as Markdown: `docs/problems.md`."""
    rows = sorted({each.kind: each for each in types}.values(), key=lambda each: (each.status, each.kind))
    return "\n".join(
        [
            "# Problems",
            "",
            "Every answer that is an error is `application/problem+json` (RFC 9457). `type` is `urn:oms:problem:` and",
            "the name below, which stays; `detail` is for people and may change. Where parts of the request are at",
            "fault, `errors` names them all at once. Where there is a problem, nothing was written. This page is",
            "printed from the code by `make openapi`.",
            "",
            "| status | type | what it means | what to do |",
            "| --- | --- | --- | --- |",
            *(f"| {each.status} | `{each.kind}` | {each.means} | {each.do} |" for each in rows),
            "",
        ]
    )
