"""Searches of Elasticsearch as bytes, without the overhead of a general HTTP client.

The official client costs several times as much as a short search: it decodes JSON that is decoded again here. aiohttp
alone costs 60 % of the searches per second of one process (1,145 instead of 2,971, 32 at once, responses of 6 kB from a
local server). All other requests use the official client (`chassis/databases/elasticsearch.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import cast

import httptools

from chassis import addresses
from chassis.databases.connections import ConnectionPool
from chassis.databases.deadlines import Deadlines
from chassis.http.errors.problems import Busy, Unavailable
from chassis.outages import is_outage
from chassis.settings import count, seconds

WHAT = "the product search"
_UNAVAILABLE_STATUSES = frozenset({429, 502, 503, 504})


@dataclass
class RequestRefused(Exception):
    """Elasticsearch rejected the request: an HTTP status of 400 or more, and the reason as JSON."""

    status: int
    reason: bytes


class _Broken(Exception):
    """The connection ended before the response."""


class ElasticsearchRequests:
    """Sends requests on a pool of connections; call `close` at the end."""

    def __init__(self) -> None:
        self._timeout_s = seconds("OMS_ELASTICSEARCH_TIMEOUT_S", 3)
        self._ends = Deadlines(self._timeout_s)
        self.leads_to(addresses.host("elasticsearch"), addresses.port("elasticsearch"))
        self._pool = ConnectionPool(
            self._connect,
            count("OMS_ELASTICSEARCH_POOL_SIZE", 32),
            seconds("OMS_ELASTICSEARCH_WAIT_TIMEOUT_S", 1),
            count("OMS_ELASTICSEARCH_MAX_WAITING", 500),
            WHAT,
        )

    def leads_to(self, host: str, port: int) -> None:
        """Send further requests to this server."""
        self._host, self._port = host, port
        self._head = f"Host: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: ".encode()

    async def send(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The response body. Raises Unavailable if the cluster is unavailable or overloaded, else RequestRefused."""
        request = b"%s %s HTTP/1.1\r\n%s%d\r\n\r\n%s" % (method.encode(), path.encode(), self._head, len(body), body)
        try:
            status, answer = await self._sent(request)
        except (_Broken, OSError) as error:
            if isinstance(error, _Broken) or is_outage(error):
                raise Unavailable(WHAT) from error
            raise
        if status < 400:
            return answer
        refused = RequestRefused(status, answer)
        if status in _UNAVAILABLE_STATUSES:
            raise Busy(WHAT) if status == 429 else Unavailable(WHAT) from refused
        raise refused

    async def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    async def _sent(self, request: bytes) -> tuple[int, bytes]:
        """Retries on a new connection if the pooled one had been closed."""
        while True:
            connection = await self._pool.take()
            is_new = connection.is_new
            try:
                return await connection.ask(request, self._ends)
            except _Broken:
                if is_new:
                    raise
            finally:
                self._pool.give_back(connection)

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout_s):
            _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, with one request at a time."""

    def __init__(self) -> None:
        self.is_new = True
        self._loop = asyncio.get_running_loop()  # a system call each time
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []

    async def ask(self, request: bytes, ends: Deadlines) -> tuple[int, bytes]:
        """Status and body of the response. Raises _Broken, TimeoutError; after a timeout the connection is closed."""
        assert self._transport is not None
        answer: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()
        self._answer = answer
        self._transport.write(request)
        end = ends.begin(self._loop, partial(self._give_up, answer))
        try:
            return await answer
        finally:
            end.cancel()
            self.is_new = False

    def _give_up(self, answer: asyncio.Future[tuple[int, bytes]]) -> None:
        if self._answer is answer:  # not yet that of the next request
            self._fail(TimeoutError("no response in time"))

    def is_closed(self) -> bool:
        """See `PooledConnection`."""
        return self._transport is None or self._transport.is_closing()

    def is_in_transaction(self) -> bool:
        """See `PooledConnection`: the response to a cancelled request is still to come."""
        return self._answer is not None

    def terminate(self) -> None:
        """See `PooledConnection`."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transport is one, but does not subclass it

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(_Broken(str(error)))

    def connection_lost(self, _: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._fail(_Broken("the connection was closed"))

    def on_body(self, body: bytes) -> None:
        """See `httptools`."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """See `httptools`."""
        answer, self._answer = self._answer, None
        body, self._body = b"".join(self._body), []
        if answer is None:
            self.terminate()
        elif not answer.done():
            answer.set_result((self._parser.get_status_code(), body))
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)
        self.terminate()
