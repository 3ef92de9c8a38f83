"""Whatever is sent to a command, its dispatch without FastAPI cannot be told from FastAPI's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import ASGIApp, Message
from structlog.contextvars import bind_contextvars, merge_contextvars
from structlog.testing import capture_logs

from chassis.http.app import service
from chassis.http.clients import caller
from chassis.http.cors import CrossOrigin
from chassis.http.errors.problems import Busy, Problem
from chassis.http.routing import direct

ORIGIN = "https://shop.example"


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    amount: Annotated[int, Field(ge=1)]
    price: Annotated[Decimal, Field(decimal_places=2)] | None = None
    names: Annotated[list[str], Field(max_length=3)] = []


async def _keyed(request: Request, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str:
    lines = request.headers.getlist("Idempotency-Key")
    if key is None or len(lines) > 1:
        raise Problem(400, "idempotency-key-invalid", "Send one key.")
    return f"{await caller(request)} {key} {len(await request.body())}"


async def _allowed(
    scopes: SecurityScopes, token: Annotated[HTTPAuthorizationCredentials, Security(HTTPBearer())]
) -> str:
    if token.credentials not in scopes.scopes:
        raise Problem(403, "forbidden", "Send another token.")
    return token.credentials


async def make(
    new: Thing, keyed: Annotated[str, Depends(_keyed)], token: Annotated[str, Security(_allowed, scopes=["a"])]
) -> Response:
    bind_contextvars(thing=str(new.id))
    match new.amount:
        case 409:
            raise Problem(409, "taken", "It is taken.", headers={"X-More": "1"})
        case 500:
            raise RuntimeError("a bug")
        case 503:
            raise Busy("the database")
    return Response(f"{new!r} {keyed} {token}", 201, {"ETag": '"1"', "Location": f"/things/{new.id}"})


async def _nothing() -> None:
    pass


def _app(*, is_direct: bool) -> ASGIApp:
    made: FastAPI = service("orders", "Makes things.", checks={}, prepare=_nothing, close=_nothing)
    router = APIRouter()
    router.post("/things", status_code=201, dependencies=[Security(_allowed, scopes=["b", "a"])])(make)
    router.get("/things")(_nothing)
    if is_direct:
        direct.include(made, router)
    else:
        made.include_router(router)
    return CrossOrigin(made, [ORIGIN])


APPS = [_app(is_direct=False), _app(is_direct=True)]


@dataclass(frozen=True)
class Sent:
    """A request as a client sends it, its body in parts."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    parts: Sequence[bytes]
    is_cut_off: bool

    @property
    def scope(self) -> dict[str, Any]:
        """The scope of the request, as a server makes it."""
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers]
        path = {"http_version": "1.1", "raw_path": self.path.encode(), "path": self.path.replace("%74", "t")}
        client = {"client": ("127.0.0.1", 1), "server": ("app", 80), "scheme": "http", "root_path": ""}
        query = self.query.encode()
        return {"type": "http", "method": self.method, "query_string": query, "headers": headers, **path, **client}


AMOUNTS = [1, 3, 409, 500, 503, 0, 2**70, 1.0, 1.5, "3", None, True]
PRICES = [None, 1.1, "1.10", 1e2, 1.005, 12345678901234567890.12, "NaN"]
THING = st.fixed_dictionaries(
    {"id": st.sampled_from(["0193567a-6c00-7000-8000-000000000001", "x", 3]), "amount": st.sampled_from(AMOUNTS)},
    optional={"price": st.sampled_from(PRICES), "names": st.lists(st.text(max_size=3), max_size=4), "more": st.none()},
)
VALID = st.builds(
    lambda amount, names: {"id": "0193567a-6c00-7000-8000-000000000001", "amount": amount, "names": names},
    st.sampled_from([1, 409, 500, 503]),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=3), max_size=3),
)
JSON = st.builds(
    lambda value, is_ascii: json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass"),
    st.one_of(VALID, THING, st.none(), st.lists(st.integers(), max_size=2)),
    st.booleans(),
)
OTHER = [
    b"",
    b" ",
    b"NaN",
    b"{",
    b'{"amount": 1, "amount": 1}',
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"[" * 3000,
    b" " * 1_048_577,
]
BODIES = st.one_of(JSON, st.sampled_from(OTHER))
HEADERS = {
    "Content-Type": [
        "application/json",
        "application/a+json;charset=UTF-8",
        "text/plain",
        "application/json; charset=latin-1",
        "",
    ],
    "Idempotency-Key": ["a", "", " é"],
    "Authorization": ["Bearer a", "bearer b", "Bearer c", "Basic a", "Bearer", ""],
    "X-Client-Id": ["shop", "a b"],
    "X-Request-Id": ["r", "not one"],
    "Origin": [ORIGIN, "https://other.example"],
    "Access-Control-Request-Method": ["POST"],
    "Content-Encoding": ["identity", "gzip"],
    "Accept": ["text/html", "*/*"],
    "Expect": ["100-continue"],
}
USUAL = [("Content-Type", "application/json"), ("Idempotency-Key", "a"), ("Authorization", "Bearer a")]


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """Mostly a valid request with one or two changes."""
    body = draw(BODIES)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=2)))
    parts = [body[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    left_out = draw(st.sets(st.sampled_from([name for name, _ in USUAL]), max_size=1))
    names = draw(st.lists(st.sampled_from([*HEADERS]), max_size=2))
    more = [(name, draw(st.sampled_from(HEADERS[name]))) for name in names]
    length = draw(st.sampled_from([("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")]))
    headers = [("Host", "app"), ("X-Request-Id", "r"), length, *more]
    headers += [each for each in USUAL if each[0] not in left_out]
    method = draw(st.sampled_from(["POST"] * 6 + ["HEAD", "OPTIONS", "GET", "PUT"]))
    path = draw(st.sampled_from(["/things"] * 6 + ["/things/", "/%74hings", "//things", "/Things", "/things%2F"]))
    query = draw(st.sampled_from([""] * 6 + ["a=b", "&", "%", "limit=1"]))
    return Sent(method, path, query, headers, parts, is_cut_off=draw(st.sampled_from([False] * 6 + [True])))


async def answer(app: ASGIApp, sent: Sent) -> list[Message]:
    """What the app sends, and how the request is logged and counted."""
    *first, last = sent.parts
    received = [{"type": "http.request", "body": part, "more_body": True} for part in first]
    end = {"type": "http.disconnect"} if sent.is_cut_off else {"type": "http.request", "body": last}
    messages, answered = iter([*received, end]), list[Message]()

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        answered.append({**message, "headers": sorted(message.get("headers", ()))})

    await app(sent.scope, receive, send)
    return answered


def counts() -> dict[tuple[str, ...], float]:
    """The metrics of requests, but for their durations."""
    return {
        (each.name, *sorted(f"{name}={value}" for name, value in each.labels.items())): each.value
        for metric in REGISTRY.collect()
        if metric.name.startswith("http_request")
        for each in metric.samples
        if not each.name.endswith(("_created", "seconds_sum", "_bucket"))
    }


def outcome(app: ASGIApp, sent: Sent) -> tuple[list[Message], list[dict[str, Any]], dict[tuple[str, ...], float]]:
    """What is answered, logged and counted."""
    before = counts()
    with capture_logs([merge_contextvars]) as logged:
        answered = asyncio.run(answer(app, sent))
    lines = [{name: value for name, value in line.items() if name != "duration_ms"} for line in logged]
    counted = {key: number - before.get(key, 0) for key, number in counts().items()}
    return answered, lines, {key: number for key, number in counted.items() if number}


@given(requests())
def test_a_request_has_the_same_outcome(sent: Sent) -> None:
    by_fastapi, by_us = [outcome(app, sent) for app in APPS]

    assert by_us == by_fastapi


def test_a_valid_request_is_made() -> None:
    body = b'{"id": "0193567a-6c00-7000-8000-000000000001", "amount": 3}'
    sent = Sent("POST", "/things", "", [("Host", "app"), ("Content-Length", "9"), *USUAL], [body], is_cut_off=False)

    outcomes = [outcome(app, sent) for app in APPS]

    assert [answered[0]["status"] for answered, _, _ in outcomes] == [201, 201]
    assert [logged[-1]["thing"] for _, logged, _ in outcomes] == ["0193567a-6c00-7000-8000-000000000001"] * 2
    assert [b"None a 59 a" in answered[1]["body"] for answered, _, _ in outcomes] == [True, True]
