"""What takes too long is given up with its statements, what too many wait for is refused."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from chassis import addresses
from gateway.api import app
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.system.freezing import frozen
from tests.support.system.locking import locked, waiting_readers
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel

BY_LOADER = '{ order(id: "0197b1a4-7c1e-7cc3-98c4-dc0c0c07398f") { id } }'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BY_PAGE = "{ orders { edges { cursor } } }"


async def nobody_waits() -> None:
    assert await waiting_readers() == 0


async def somebody_waits() -> None:
    assert await waiting_readers() > 0


def code(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("query", [BY_LOADER, BY_PAGE])
async def test_what_takes_too_long_is_given_up_with_its_statement(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "0.5")
    monkeypatch.setenv("OMS_POSTGRES_TIMEOUT_S", "1000")
    async with running(app()) as http:
        async with locked("sales_order"):
            asking = asyncio.create_task(http.post("/graphql", json={"query": query}))
            await eventually(somebody_waits)
            answer = await asking
            await eventually(nobody_waits)
        later = await http.post("/graphql", json={"query": query})

    assert (answer.status_code, code(answer)) == (504, "TIMEOUT")
    assert later.status_code == 200


@pytest.mark.parametrize("query", [BY_LOADER, BY_PAGE])
async def test_when_the_client_goes_its_statement_is_given_up(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "1000")
    monkeypatch.setenv("OMS_POSTGRES_TIMEOUT_S", "1000")
    body = b'{"query": "%s"}' % query.replace('"', '\\"').encode()
    async with process("gateway"), locked("sales_order"):
        _, writer = await asyncio.open_connection(addresses.host("gateway"), addresses.port("gateway"))
        writer.write(HEAD % len(body) + body)
        await eventually(somebody_waits)
        writer.close()
        await eventually(nobody_waits)


async def test_a_body_that_does_not_come_is_not_waited_for(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "0.5")
    async with process("gateway"):
        reader, writer = await asyncio.open_connection(addresses.host("gateway"), addresses.port("gateway"))
        writer.write(HEAD % 100 + b'{"query": ')
        answer = await reader.readuntil(b'"BAD_REQUEST"')
        writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.fixture
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_GATEWAY_TIMEOUT_S", "1000")
    monkeypatch.setenv("OMS_POSTGRES_TIMEOUT_S", "1000")
    monkeypatch.setenv("OMS_POSTGRES_WAIT_TIMEOUT_S", "1000")
    monkeypatch.setenv("OMS_POSTGRES_POOL_SIZE", "1")


@pytest.mark.usefixtures("_one_connection")
async def test_when_many_wait_the_next_is_refused_at_once(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_POSTGRES_MAX_WAITING", "3")
    async with running(app()) as http:

        def ended() -> list[asyncio.Task[httpx.Response]]:
            return [each for each in asking if each.done()]

        def all_but_four_have_ended() -> None:
            assert len(ended()) == 16

        async with locked("sales_order"):
            asking = [asyncio.create_task(http.post("/graphql", json={"query": BY_PAGE})) for _ in range(20)]
            await eventually(all_but_four_have_ended)
            refused = [each.result() for each in ended()]
        answers = await asyncio.gather(*asking)

    assert [(answer.status_code, code(answer)) for answer in refused] == [(503, "UNAVAILABLE")] * 16
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert [answer.status_code for answer in answers if answer not in refused] == [200] * 4


@pytest.mark.usefixtures("_one_connection")
async def test_who_waits_long_for_a_connection_is_refused(
    read_model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_POSTGRES_WAIT_TIMEOUT_S", "0.2")
    async with running(app()) as http:
        async with locked("sales_order"):
            first = asyncio.create_task(http.post("/graphql", json={"query": BY_PAGE}))
            await eventually(somebody_waits)
            refused = await asyncio.gather(*(http.post("/graphql", json={"query": BY_PAGE}) for _ in range(5)))
        served = await first

    assert [(answer.status_code, code(answer)) for answer in refused] == [(503, "UNAVAILABLE")] * 5
    assert served.status_code == 200


async def test_without_the_search_orders_are_answered_and_products_is_an_error_of_its_own(
    read_model: ReadModel, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_ELASTICSEARCH_TIMEOUT_S", "0.5")
    await read_model.orders({})
    query = '{ orders { edges { node { status } } } products(text: "tea") { edges { cursor } } }'
    async with running(app()) as http:
        with frozen(servers, "elasticsearch"):
            answer = await http.post("/graphql", json={"query": query})

    assert answer.status_code == 200
    assert answer.json()["data"] == {"orders": {"edges": [{"node": {"status": "PLACED"}}]}, "products": None}
    [error] = answer.json()["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["products"], "UNAVAILABLE")
