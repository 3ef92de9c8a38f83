"""A client that is gone before its request is begun is not served, on sockets of their own."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvloop
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from chassis.http.middleware import RequestContext
from chassis.http.serving import disconnects
from chassis.http.serving.protocol import Protocol
from tests.support.eventually import eventually

REQUEST = b"POST / HTTP/1.1\r\nHost: app\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

Leave = Callable[[socket.socket], None]
Run = Callable[[Coroutine[None, None, None]], None]


def by_reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def by_end(client: socket.socket) -> None:
    client.close()


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """The services run on uvloop, these tests on both."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run


class Service:
    """Counts what it has begun, in front of `RequestContext` as each service is."""

    def __init__(self) -> None:
        self.begun = 0
        self.address: tuple[str, int] = ("", 0)
        self.connections: Collection[object] = ()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        disconnects.check()
        self.begun += 1
        await self.may_end.wait()
        await PlainTextResponse("done")(scope, receive, send)

    def connect(self) -> socket.socket:
        """A client; it is not accepted before the loop goes on."""
        return socket.create_connection(self.address)

    async def ask(self, client: socket.socket) -> None:
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, REQUEST)
        assert b"200 OK" in await loop.sock_recv(client, 10_000)

    def has_no_connections(self) -> None:
        assert not self.connections

    def has_begun(self, times: int) -> None:
        assert self.begun == times


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service, state = Service(), ServerState()
    config = uvicorn.Config(RequestContext(service), log_config=None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)
    service.address, service.connections = server.sockets[0].getsockname(), state.connections
    async with server:
        yield service


async def all_is_heard(service: Service) -> None:
    """Return once whoever came before is dealt with: a later client is."""
    later = service.connect()
    await service.ask(later)
    later.close()
    await eventually(service.has_no_connections)


def test_a_client_that_left_before_it_was_accepted_is_not_served(run: Run) -> None:
    async def scenario() -> None:
        async with serving() as service:
            client = service.connect()
            client.sendall(REQUEST)
            by_reset(client)

            await all_is_heard(service)

            assert service.begun == 1

    run(scenario())


@pytest.mark.parametrize("leave", [by_reset, by_end])
def test_a_client_that_left_between_two_requests_is_not_served(run: Run, leave: Leave) -> None:
    async def scenario() -> None:
        async with serving() as service:
            client = service.connect()
            await service.ask(client)
            client.sendall(REQUEST)
            leave(client)

            await all_is_heard(service)

            assert service.begun == 2

    run(scenario())


@pytest.mark.parametrize("leave", [by_reset, by_end])
def test_what_was_sent_ahead_by_a_client_that_left_is_not_begun(run: Run, leave: Leave) -> None:
    async def scenario() -> None:
        async with serving() as service:
            service.may_end.clear()
            client = service.connect()
            client.sendall(REQUEST * 3)
            await eventually(lambda: service.has_begun(1))
            leave(client)
            service.may_end.set()

            await all_is_heard(service)

            assert service.begun == 2

    run(scenario())


def test_a_client_that_stays_is_served(run: Run) -> None:
    async def scenario() -> None:
        async with serving() as service:
            client = service.connect()
            client.sendall(REQUEST * 2)
            client.setblocking(False)

            answer = b""
            while answer.count(b"done") < 2:
                answer += await asyncio.get_running_loop().sock_recv(client, 10_000)

            client.close()
            assert service.begun == 2

    run(scenario())
