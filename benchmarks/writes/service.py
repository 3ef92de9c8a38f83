"""Load on the service: clients that place orders over HTTP and check every response. A separate process.

python -m benchmarks.writes.service PORT CLIENTS WARM_UP_S SECONDS
"""

from __future__ import annotations

import sys
from itertools import count

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.connection import Connection
from benchmarks.writes.basket import TOTAL, basket


class Answer(msgspec.Struct):
    """The part of a response that is checked."""

    total: str
    lines: list[dict[str, object]]


_decode = msgspec.json.Decoder(Answer).decode


async def a_client(port: int, numbers: count[int]) -> Action:
    """A client with its own keep-alive connection."""
    connection = await Connection.open(port)

    async def place() -> None:
        status, answer = await connection.post(b"/orders", basket(next(numbers)))
        if status != 201:
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
