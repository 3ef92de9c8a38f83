"""Load on the service: clients that place orders over HTTP and check every response. A separate process.

python -m benchmarks.writes.service PORT CLIENTS WARM_UP_S SECONDS
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from uuid import uuid4

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.writes.basket import TOTAL, basket

_HEAD = (
    b"POST /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Client-Id: benchmark\r\n"
    b"Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
)


class Answer(msgspec.Struct):
    """The part of a response that is checked."""

    total: str
    lines: list[dict[str, object]]


_decode = msgspec.json.Decoder(Answer).decode


async def a_client(port: int, numbers: count[int]) -> Action:
    """A client with its own keep-alive connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def place() -> None:
        body = msgspec.json.encode(basket(next(numbers)))
        writer.write(_HEAD % (str(uuid4()).encode(), len(body), body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"an order was refused: {answer.decode()}")
        order = _decode(answer)
        if order.total != TOTAL or len(order.lines) != 3:
            raise RuntimeError(f"unexpected response: {answer.decode()}")

    return place


async def main() -> None:
    """Print the measurement as JSON."""
    port, clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:])
    numbers = count()
    things = [await a_client(port, numbers) for _ in range(clients)]
    print(msgspec.json.encode(await busy("service", things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
