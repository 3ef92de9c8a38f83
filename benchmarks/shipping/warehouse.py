"""Load on shipping: clients who take shipments from their planning to their recipients. A separate process.

python -m benchmarks.shipping.warehouse PORT CLIENTS WARM_UP_S SECONDS FIRST COUNT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.connection import Connection
from benchmarks.shipping.histories import COMMANDS, shipment_id

STATUSES = ("packed", "dispatched", "failed", "dispatched", "delivered")


class Answer(msgspec.Struct):
    """The part of a response that is checked."""

    id: str
    status: str
    version: int


_decode = msgspec.json.Decoder(Answer).decode


async def a_client(port: int, numbers: Iterator[int]) -> Action:
    """A client with its own keep-alive connection, and one shipment at a time."""
    connection, steps = await Connection.open(port), _steps(numbers)

    async def command() -> None:
        path, body, wanted = next(steps)
        status, answer = await connection.post(path, body)
        if status != 200 or _decode(answer) != wanted:
            raise RuntimeError(f"a command got {status}: {answer.decode()}")

    return command


def _steps(numbers: Iterator[int]) -> Iterator[tuple[bytes, object, Answer]]:
    for number in numbers:
        it = str(shipment_id(number))
        for version, (command, status) in enumerate(zip(COMMANDS, STATUSES, strict=True), 2):
            yield f"/shipments/{it}/{command.name}".encode(), command.body, Answer(it, status, version)
    raise RuntimeError("all shipments are delivered: insert more of them")


async def main() -> None:
    """Print the measurement as JSON."""
    port, clients, warm_up_s, seconds, first, count = (int(each) for each in sys.argv[1:])
    numbers = iter(range(first, first + count))
    things = [await a_client(port, numbers) for _ in range(clients)]
    print(msgspec.json.encode(await busy("commands", things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
