"""The problem types that every service can return: a real example, its meaning, what a client should do.

The types of a single service are in its `problems.py`, in the same form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.http.errors.problems import OutcomeUnknown, Problem, Unavailable, fault


@dataclass(frozen=True)
class ProblemType:
    """One type with an example. `at` is the path of the request in the example."""

    example: Problem
    meaning: str
    remedy: str
    at: str = "/"

    @property
    def kind(self) -> str:
        """The name of the type, the last part of `type`."""
        return self.example.kind

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.example.status


_INVALID = [
    fault("#/email", "The email address is not valid. It must have exactly one @-sign."),
    {"parameter": "limit", "in": "query", "detail": "must be at most 100"},
]

NOT_JSON = ProblemType(
    Problem(400, "not-json", "The body is not valid JSON."),
    "The body is not valid JSON.",
    "Fix the body.",
)
BAD_REQUEST = ProblemType(
    Problem(400, "bad-request", "The body must be JSON in UTF-8."),
    "The request is not valid HTTP, its path, query or body is not UTF-8, or its body is nested too deeply.",
    "Fix the request.",
)
KEY_MISSING = ProblemType(
    Problem(
        400,
        "idempotency-key-missing",
        "Send an Idempotency-Key: a new random text, such as a UUID, for each request.",
    ),
    "The Idempotency-Key is missing. Without it, a retry could do the same twice.",
    "Generate a random key for the request and send it with each attempt.",
)
KEY_INVALID = ProblemType(
    Problem(
        400, "idempotency-key-invalid", "The Idempotency-Key is malformed (1 to 255 printable ASCII characters, once)."
    ),
    "The Idempotency-Key is malformed, or there are several.",
    "Send one key, such as a UUID.",
)
CLIENT_ID_INVALID = ProblemType(
    Problem(
        400,
        "client-id-invalid",
        "X-Client-Id is malformed (1 to 100 letters, digits or any of . _ @ : -, once).",
    ),
    "X-Client-Id is malformed, or there are several.",
    "Send one valid name, or none.",
)
NOT_FOUND = ProblemType(
    Problem(404, "not-found", "No resource has this URL."),
    "No resource has this URL.",
    "Check the URL for a typo.",
)
METHOD_NOT_ALLOWED = ProblemType(
    Problem(405, "method-not-allowed", "This URL does not support the method; use one of the Allow header."),
    "The URL does not support this method.",
    "Use a method of the `Allow` header.",
)
REQUEST_TIMEOUT = ProblemType(
    Problem(408, "request-timeout", "The body of the request did not arrive in time."),
    "The head or the body of the request arrived too slowly; the connection is closed.",
    "Send the request again, faster.",
)
IN_FLIGHT = ProblemType(
    Problem(
        409,
        "request-in-flight",
        "The first request with this Idempotency-Key is still in progress; retry shortly.",
    ),
    "The first request with this Idempotency-Key is still in progress.",
    "Retry after `Retry-After` seconds with the same key.",
)
ERASED = ProblemType(
    Problem(410, "erased", "This Idempotency-Key was used for a person whose data is erased."),
    "The Idempotency-Key was used for a person whose data has been erased since.",
    "Do not retry.",
)
PRECONDITION_FAILED = ProblemType(
    Problem(412, "precondition-failed", "The resource has changed; read it again."),
    "The resource has changed since it was read: If-Match names another version.",
    "Read it again, check that the change still applies, and send it with the new ETag.",
)
BODY_TOO_LARGE = ProblemType(
    Problem(413, "body-too-large", "The body is too large."),
    "The body is larger than 1 MiB.",
    "Send smaller requests; the bulk endpoints take any number of JSON lines.",
)
URI_TOO_LONG = ProblemType(
    Problem(414, "uri-too-long", "The path is longer than 8000 bytes."),
    "The path is longer than 8000 bytes.",
    "Check the URL.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    Problem(415, "unsupported-media-type", "Send the body as application/json in UTF-8."),
    "The media type, character set or encoding of the body is not supported.",
    "Send the body with the `Content-Type` that the problem names, without `Content-Encoding`.",
)
INVALID_REQUEST = ProblemType(
    Problem(422, "invalid-request", "The request is invalid.", errors=_INVALID),
    "The request is invalid. `errors` lists every fault, with a JSON pointer into the body or a parameter.",
    "Fix what `errors` lists.",
)
KEY_REUSED = ProblemType(
    Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request."),
    "The Idempotency-Key was used for a request with different content.",
    "Use a new key for a new request; retry a request with an identical body.",
)
PRECONDITION_REQUIRED = ProblemType(
    Problem(428, "precondition-required", "Send If-Match with the ETag of the resource."),
    "If-Match is missing. Without it, a change by another client could be overwritten.",
    "Read the resource and send its ETag as If-Match.",
)
RATE_LIMITED = ProblemType(
    Problem(429, "rate-limited", "The rate limit in RateLimit-Policy is exceeded; retry in 12 s."),
    "The client has exceeded the rate limit in `RateLimit-Policy`.",
    "Retry after `Retry-After` seconds.",
)
INTERNAL_ERROR = ProblemType(
    Problem(500, "internal-error", "Internal error; quote the X-Request-Id to support."),
    "The service failed. Its log has the reason under the request id.",
    "Quote the `X-Request-Id` to support. A POST with an Idempotency-Key may be retried.",
)
UNAVAILABLE = ProblemType(
    Unavailable("the database"),
    "A dependency of the service is unavailable; `dependency` names it. Nothing was written in part.",
    "Retry the same request after `Retry-After` seconds, with the same Idempotency-Key or If-Match.",
)
OUTCOME_UNKNOWN = ProblemType(
    OutcomeUnknown("the database"),
    "It is unknown whether the change was written: `dependency` did not confirm it in time.",
    "With an Idempotency-Key, repeat the same request with the same key. Without one, read the resource again before "
    "you repeat the change. A bulk import can be repeated.",
)

EVERY_SERVICE = (
    NOT_JSON,
    BAD_REQUEST,
    KEY_MISSING,
    KEY_INVALID,
    CLIENT_ID_INVALID,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    REQUEST_TIMEOUT,
    IN_FLIGHT,
    ERASED,
    PRECONDITION_FAILED,
    BODY_TOO_LARGE,
    URI_TOO_LONG,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    KEY_REUSED,
    PRECONDITION_REQUIRED,
    RATE_LIMITED,
    INTERNAL_ERROR,
    UNAVAILABLE,
    OUTCOME_UNKNOWN,
)


def page(types: Iterable[ProblemType]) -> str:
    """The page of all problem types, as Markdown: `docs/problems.md`."""
    rows = sorted({each.kind: each for each in types}.values(), key=lambda each: (each.status, each.kind))
    return "\n".join(
        [
            "# Problems",
            "",
            "Every error response is `application/problem+json` (RFC 9457). `type` is `urn:oms:problem:` and the name",
            "below, which is stable; `detail` is for people and may change. If parts of the request are invalid,",
            "`errors` lists all of them. After a problem, nothing was written, except that it is unknown after",
            "`outcome-unknown`. `make openapi` generates this page from the code.",
            "",
            "| status | type | meaning | what to do |",
            "| --- | --- | --- | --- |",
            *(f"| {each.status} | `{each.kind}` | {each.meaning} | {each.remedy} |" for each in rows),
            "",
        ]
    )
