"""Load from many keep-alive connections; each sends the next request after a complete response. A separate process.

python -m benchmarks.gateway.load CONNECTIONS WARM_UP_S SECONDS, with a `Load` as JSON on its input. Prints a `Result`.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from time import perf_counter, process_time
from typing import cast

import msgspec
import uvloop

PIECE = 32_768

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Request(msgspec.Struct, frozen=True, array_like=True):
    """The body of a request, and a text that a correct response contains."""

    body: bytes
    wanted: bytes


class Load(msgspec.Struct, frozen=True):
    """The requests to send repeatedly."""

    port: int
    path: str
    requests: list[Request]


class Result(msgspec.Struct, frozen=True):
    """The latency of each response in milliseconds, their number with the warm-up, and the CPU share of the load."""

    answers: int
    latencies_ms: list[float]
    cpu_share: float


class _Times:
    """Latencies of requests sent after the warm-up and answered before the end."""

    def __init__(self, begins_at: float, ends_at: float) -> None:
        self.begins_at = begins_at
        self.ends_at = ends_at
        self.latencies_ms: list[float] = []
        self.answers = 0


class _Connection(asyncio.Protocol):
    """One connection. `done` has a result when the time is over, and an exception for a wrong response."""

    def __init__(self, messages: Iterator[tuple[bytes, bytes]], times: _Times) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._messages = messages
        self._times = times
        self._received = b""
        self._whole = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Receive a part of the response; send the next request when it is complete and correct."""
        received = self._received = self._received + data if self._received else data
        if not self._whole:
            head, end, _ = received.partition(b"\r\n\r\n")
            if not end:
                return
            found = _LENGTH.search(head + b"\r\n")
            if found is None:
                self._fail("an answer does not say how long it is")
                return
            self._whole = len(head) + 4 + int(found[1])
        if len(received) < self._whole:
            return
        now = perf_counter()
        if len(received) > self._whole or not received.startswith(b"HTTP/1.1 200 "):
            self._fail("an answer is no success")
        elif self._wanted not in received or b'"errors"' in received:
            self._fail("an answer is not what was asked for")
        else:
            self._times.answers += 1
            if self._asked_at >= self._times.begins_at and now <= self._times.ends_at:
                self._times.latencies_ms.append((now - self._asked_at) * 1000)
            self._received, self._whole = b"", 0
            self._ask()

    def connection_lost(self, reason: Exception | None) -> None:
        """Fail: servers keep connections open."""
        self._fail(f"the connection was closed: {reason!r}")

    def _ask(self) -> None:
        self._asked_at = perf_counter()
        if self._asked_at < self._times.ends_at:
            message, self._wanted = next(self._messages)
            self._transport.write(message)
        elif not self.done.done():
            self.done.set_result(None)

    def _fail(self, reason: str) -> None:
        if not self.done.done():
            wanted = self._wanted.decode()
            self.done.set_exception(RuntimeError(f"{reason} (wanted {wanted}): {self._received[:2000]!r}"))
            self._transport.abort()


async def run_load(load: Load, connections: int, warm_up_s: float, seconds: float) -> Result:
    """Run the load. Raises RuntimeError for the first wrong response."""
    loop, messages = asyncio.get_running_loop(), list(_messages(load))
    begins_at = perf_counter() + warm_up_s
    times = _Times(begins_at, begins_at + seconds)
    opened: list[_Connection] = []
    for number in range(connections):
        # Each connection starts elsewhere in the list.
        own = islice(cycle(messages), number * len(messages) // connections, None)
        _, connection = await loop.create_connection(lambda own=own: _Connection(own, times), "127.0.0.1", load.port)  # type: ignore[misc]
        opened.append(connection)
    began, cpu_s = perf_counter(), process_time()
    await asyncio.gather(*(each.done for each in opened))
    return Result(times.answers, times.latencies_ms, (process_time() - cpu_s) / (perf_counter() - began))


def _messages(load: Load) -> Iterator[tuple[bytes, bytes]]:
    head = f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n"
    kinds = "Content-Type: application/json\r\nAccept: application/json\r\n"
    for request in load.requests:
        length = f"Content-Length: {len(request.body)}\r\n\r\n"
        yield (head + kinds + length).encode() + request.body, request.wanted


def main() -> None:
    """Print the measurement as JSON."""
    connections, warm_up_s, seconds = (int(each) for each in sys.argv[1:])
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    result = msgspec.json.encode(uvloop.run(run_load(load, connections, warm_up_s, seconds)))
    for begin in range(0, len(result), PIECE):  # one long write to a pipe has lost its end
        sys.stdout.buffer.write(result[begin : begin + PIECE])
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
