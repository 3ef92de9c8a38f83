"""An app on a socket of its own, and requests to it byte for byte: clients resolve paths and repair what tests send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from chassis.http.serving.protocol import Protocol


class Answer:
    """A response as it was sent."""

    def __init__(self, text: bytes) -> None:
        head, _, self.body = text.partition(b"\r\n\r\n")
        line, *lines = head.split(b"\r\n")
        self.status_line = line.decode()
        self.status = int(line.split()[1])
        pairs = [each.split(b": ", 1) for each in lines]
        self.headers = Headers(raw=[(name.lower(), value) for name, value in pairs])

    @property
    def problem(self) -> str:
        """The name of the problem, or the empty text."""
        return str(orjson.loads(self.body)["type"]).rpartition(":")[2] if self.status >= 400 and self.body else ""


Send = Callable[..., Awaitable[Answer]]


def request(
    method: str,
    target: str | bytes,
    headers: Mapping[str, str | None] | None = None,
    body: bytes = b"",
    version: str = "1.1",
) -> bytes:
    """The request. Content-Length and Host are added where they are not given; None leaves one out."""
    target = target.encode() if isinstance(target, str) else target
    length = {"Content-Length": str(len(body))} if body else {}
    lines = {"Host": "app", "Connection": "close", **length, **(headers or {})}
    lines = {name: value for name, value in lines.items() if value is not None}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return b"%s %s HTTP/%s\r\n%s\r\n%s" % (method.encode(), target, version.encode(), head.encode("latin-1"), body)


async def exchange(host: str, port: int, sent: bytes) -> Answer:
    """The response to these bytes. The request must end the connection, or be refused."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(sent)
    try:
        async with asyncio.timeout(30):
            return Answer(await reader.read())
    finally:
        writer.close()


@asynccontextmanager
async def on_a_socket(app: ASGIApp) -> AsyncIterator[Send]:
    """A function that sends one request, given like to `request`, to the app behind the real protocol."""
    config, state = uvicorn.Config(app, log_config=None), ServerState()
    config.load()
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)

    async def send(*parts: Any, **more: Any) -> Answer:
        host, port = server.sockets[0].getsockname()
        return await exchange(host, port, request(*parts, **more))

    async with server:
        yield send
