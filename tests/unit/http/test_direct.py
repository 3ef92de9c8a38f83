"""Commands that are dispatched directly are answered as FastAPI answers them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Form, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

import customers.api
import orders.api
import products.api
from chassis.http.app import service
from chassis.http.errors.problems import Problem
from chassis.http.routing import direct
from chassis.http.routing.operations import NotDirect


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    amount: Annotated[int, Field(ge=1)]


async def _keyed(request: Request, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str:
    if key is None:
        raise Problem(400, "idempotency-key-missing", "Send a key.")
    return f"{request.method} {key}"


async def make(new: Thing, keyed: Annotated[str, Depends(_keyed)]) -> Response:
    if new.amount == 409:
        raise Problem(409, "taken", "It is taken.")
    if new.amount == 500:
        raise RuntimeError("a bug")
    return Response(f"{new.id} {new.amount} {keyed}", 201, {"ETag": '"1"'}, "application/json")


async def send(
    thing_id: UUID, keyed: Annotated[str, Depends(_keyed)], new: Annotated[Thing | None, Body()] = None
) -> Response:
    return Response(f"{thing_id} {new!r} {keyed}")


async def name(name: str, new: Thing) -> Response:
    return Response(f"{name} {new!r}")


async def _nothing() -> None:
    pass


def _app(*, is_direct: bool) -> FastAPI:
    made = service("orders", "Makes things.", checks={}, prepare=_nothing, close=_nothing)
    router = APIRouter()
    router.post("/things", status_code=201)(make)
    router.post("/things/{thing_id}/send")(send)
    router.post("/things/{name}/name")(name)
    if is_direct:
        direct.include(made, router)
    else:
        made.include_router(router)
    return made


@asynccontextmanager
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        yield http


ID = "0193567a-6c00-7000-8000-000000000001"
GOOD = b'{"id": "%s", "amount": 3}' % ID.encode()
KEY = {"Idempotency-Key": "a", "Content-Type": "application/json", "X-Request-Id": "r"}

REQUESTS: dict[str, dict[str, Any]] = {
    "good": {"content": GOOD},
    "another JSON type": {"content": GOOD, "headers": KEY | {"Content-Type": "application/a+json; charset=utf-8"}},
    "white space": {"content": b"\n  " + GOOD + b"\n"},
    "in parts": {"content": [GOOD[:7], GOOD[7:]]},
    "refused": {"content": GOOD.replace(b" 3}", b" 409}")},
    "a bug": {"content": GOOD.replace(b" 3}", b" 500}")},
    "no key": {"content": GOOD, "headers": {"Content-Type": "application/json", "X-Request-Id": "r"}},
    "no key and invalid": {"content": b"{}", "headers": {"Content-Type": "application/json", "X-Request-Id": "r"}},
    "two keys": {"content": GOOD, "headers": [*KEY.items(), ("Idempotency-Key", "b")]},
    "no body": {"content": b""},
    "blank": {"content": b"  "},
    "null": {"content": b"null"},
    "a list": {"content": b"[]"},
    "not JSON": {"content": GOOD[:-1]},
    "NaN": {"content": GOOD.replace(b" 3}", b" NaN}")},
    "nested deeply": {"content": b"[" * 100_000},
    "a member twice": {"content": GOOD.replace(b"{", b'{"amount": 1, ')},
    "unknown member": {"content": GOOD.replace(b"{", b'{"more": 1, ')},
    "missing members": {"content": b"{}"},
    "invalid members": {"content": b'{"id": 3, "amount": 0}'},
    "a number as text": {"content": GOOD.replace(b" 3}", b' "3"}')},
    "not UTF-8": {"content": GOOD.replace(b" 3}", b' "\xff"}')},
    "UTF-16": {"content": GOOD.decode().encode("utf-16")},
    "a byte order mark": {"content": b"\xef\xbb\xbf" + GOOD},
    "too large": {"content": b" " * 1_048_577 + GOOD},
    "too large, in parts": {"content": [b" " * 600_000, b" " * 600_000, GOOD]},
    "an unknown parameter": {"content": GOOD, "params": {"a": "b"}},
    "an empty query": {"content": GOOD, "url": "/things?"},
    "another type": {"content": GOOD, "headers": KEY | {"Content-Type": "text/plain"}},
    "encoded": {"content": GOOD, "headers": KEY | {"Content-Encoding": "gzip"}},
    "another method": {"content": GOOD, "method": "PUT"},
    "a slash": {"content": GOOD, "url": "/things/"},
    "of one": {"content": GOOD, "url": f"/things/{ID}/send"},
    "of one, in capitals": {"content": GOOD, "url": f"/things/{ID.upper()}/send"},
    "of one, encoded": {"content": GOOD, "url": f"/things/%30{ID[1:]}/send"},
    "of one, encoded twice": {"content": GOOD, "url": f"/things/%2530{ID[1:]}/send"},
    "of one, in braces": {"content": GOOD, "url": f"/things/{{{ID}}}/send"},
    "of one, no body": {"content": b"", "url": f"/things/{ID}/send"},
    "of one, null": {"content": b"null", "url": f"/things/{ID}/send"},
    "of one, invalid": {"content": b"{}", "url": f"/things/{ID}/send"},
    "of one, a query": {"content": GOOD, "url": f"/things/{ID}/send?a=b"},
    "of one, no key": {"content": GOOD, "url": f"/things/{ID}/send", "headers": {"X-Request-Id": "r"}},
    "of one, no id": {"content": GOOD, "url": "/things/x/send"},
    "of one, an empty id": {"content": GOOD, "url": "/things//send"},
    "of one, two ids": {"content": GOOD, "url": f"/things/{ID}/{ID}/send"},
    "of one, a slash": {"content": GOOD, "url": f"/things/{ID}/send/"},
    "of one, another command": {"content": GOOD, "url": f"/things/{ID}/keep"},
    "of one, no command": {"content": GOOD, "url": f"/things/{ID}"},
    "of a name": {"content": GOOD, "url": "/things/a-B/name"},
    "of a name, a space": {"content": GOOD, "url": "/things/a%20b/name"},
    "of a name, encoded": {"content": GOOD, "url": "/things/%C3%A9/name"},
    "of a name, encoded twice": {"content": GOOD, "url": "/things/a%252Fb/name"},
    "of another": {"content": GOOD, "url": f"/others/{ID}/send"},
}


async def _parts(parts: list[bytes]) -> AsyncIterator[bytes]:
    for each in parts:
        yield each


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_answered_as_by_fastapi(name: str) -> None:
    seen = []
    for is_direct in (False, True):
        request = {"method": "POST", "url": "/things", "headers": KEY} | REQUESTS[name]
        if isinstance(request["content"], list):
            request["content"] = _parts(request["content"])
        async with client(_app(is_direct=is_direct)) as http:
            answer = await http.request(**request)
        seen.append((answer.status_code, answer.content, sorted(answer.headers.multi_items())))

    assert seen[0] == seen[1]
    assert seen[0][0] == {"good": 201, "refused": 409, "a bug": 500}.get(name, seen[0][0])


@pytest.mark.parametrize(("path", "status"), [("/things", 201), (f"/things/{ID}/send", 200)])
async def test_valid_requests_do_not_reach_fastapi(monkeypatch: pytest.MonkeyPatch, path: str, status: int) -> None:
    made = _app(is_direct=True)
    monkeypatch.setattr(made.router, "app", None)
    monkeypatch.setattr(made.router, "middleware_stack", None)

    async with client(made) as http:
        answer = await http.post(path, content=GOOD, headers=KEY)

    assert answer.status_code == status


async def _with_query(new: Thing, more: Annotated[str | None, Query()] = None) -> Response:
    return Response(more)


async def _with_a_model(new: Thing) -> Thing:
    return new


async def _with_a_number(new: Thing, number: Annotated[int | None, Header()] = None) -> Response:
    return Response(str(number))


async def _with_a_member(new: Annotated[Thing, Body(embed=True)]) -> Response:
    return Response(str(new))


async def _with_two_bodies(new: Thing, keyed: Annotated[str, Depends(_with_a_model)]) -> Response:
    return Response(keyed)


async def _with_a_form(new: Annotated[str, Form()]) -> Response:
    return Response(new)


def _checked() -> None:
    pass


async def _with_a_rule_in_a_thread(new: Thing, _: Annotated[None, Depends(_checked)]) -> Response:
    return Response()


OTHERS = [
    *(_with_query, _with_a_model, _with_a_number, _with_a_member, _with_two_bodies, _with_a_form),
    _with_a_rule_in_a_thread,
]


@pytest.mark.parametrize("route", OTHERS)
def test_what_only_fastapi_understands_is_not_added(route: Any) -> None:
    router = APIRouter()
    router.post("/others")(route)

    with pytest.raises(NotDirect):
        direct.include(_app(is_direct=False), router)


@pytest.mark.parametrize(
    "path", ["/{thing_id}/send", "/things/{thing_id}", "/things/{thing_id:path}/send", "/a/b/{thing_id}/send"]
)
def test_a_path_with_a_parameter_elsewhere_is_not_added(path: str) -> None:
    router = APIRouter()
    router.post(path)(send)

    with pytest.raises(NotDirect):
        direct.include(_app(is_direct=False), router)


def test_a_rule_of_the_whole_app_is_not_left_out() -> None:
    app, router = _app(is_direct=False), APIRouter()
    app.router.dependencies.append(Depends(_keyed))
    router.post("/others")(make)

    with pytest.raises(NotDirect):
        direct.include(app, router)


def test_the_services_dispatch_their_first_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CURSOR_KEY", "REDIS_PASSWORD", "ORDERS_DB_PASSWORD", "CUSTOMERS_DB_PASSWORD", "PRODUCTS_DB_PASSWORD"):
        monkeypatch.setenv(f"OMS_{name}", "secret")

    apps = [orders.api.app(), customers.api.app(), products.api.app()]

    assert [list(each.state.direct_operations) for each in apps] == [
        [("POST", "/orders")],
        [("POST", "/customers")],
        [("POST", "/products")],
    ]
