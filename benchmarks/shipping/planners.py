"""Load on one delivery day: clients plan a delivery and remove it again, each with its own van. A separate process.

python -m benchmarks.shipping.planners PORT CLIENTS WARM_UP_S SECONDS DATE FIRST COUNT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.connection import Connection
from benchmarks.shipping.histories import LOCATION, shipment_id


class Answer(msgspec.Struct):
    """The part of a response that is checked."""

    id: str
    window: dict[str, object] | None = None


_decode = msgspec.json.Decoder(Answer).decode


def van(client: int) -> str:
    """The van of a client."""
    return f"van-{client}"


async def a_planner(port: int, day: str, client: int, numbers: Iterator[int]) -> Action:
    """A client with its own keep-alive connection. Each second action removes what the one before planned."""
    connection, removes, it = await Connection.open(port), False, ""
    path = f"/delivery-days/{LOCATION}/{day}/deliveries"
    window = {"van": van(client), "from": f"{day}T10:00:00Z", "to": f"{day}T11:00:00Z"}

    async def plan_or_remove() -> None:
        nonlocal removes, it
        if removes:
            status, answer = await connection.delete(f"{path}/{it}".encode())
        else:
            it = str(shipment_id(next(numbers)))
            status, answer = await connection.post(path.encode(), {"shipmentId": it, **window})
        if status != (204 if removes else 201):
            raise RuntimeError(f"a delivery got {status}: {answer.decode()}")
        removes = not removes

    return plan_or_remove


async def main() -> None:
    """Print the measurement as JSON."""
    port, clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:5])
    day, first, count = sys.argv[5], int(sys.argv[6]), int(sys.argv[7])
    numbers = iter(range(first, first + count))
    things = [await a_planner(port, day, client, numbers) for client in range(clients)]
    print(msgspec.json.encode(await busy("hot day", things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
