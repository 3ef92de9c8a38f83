"""Load on inventory: buyers who reserve units over HTTP and check every response. A separate process.

python -m benchmarks.inventory.reservations.buyers PORT WARM_UP_S SECONDS CART=CLIENTS…
"""

from __future__ import annotations

import asyncio
import sys

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.connection import Connection
from benchmarks.inventory.reservations.carts import CARTS, Cart, body


async def a_buyer(port: int, cart: Cart) -> Action:
    """A buyer with a connection of their own. Raises RuntimeError for another response than the right one."""
    connection = await Connection.open(port)

    async def reserve() -> None:
        skus = cart.skus()
        status, answer = await connection.post(b"/reservations", body(skus))
        if status != cart.status or not cart.is_right(skus, answer):
            raise RuntimeError(f"{cart.name} got {status}: {answer.decode()}")

    return reserve


async def main() -> None:
    """Print a measurement for each cart as JSON. All are bought at the same time."""
    port, warm_up_s, seconds = (int(each) for each in sys.argv[1:4])
    wanted = [(CARTS[name], int(clients)) for name, clients in (each.split("=") for each in sys.argv[4:])]
    groups = [(cart.name, [await a_buyer(port, cart) for _ in range(clients)]) for cart, clients in wanted]
    runs = (busy(name, buyers, warm_up_s=warm_up_s, seconds=seconds) for name, buyers in groups)
    for measure in await asyncio.gather(*runs):
        print(msgspec.json.encode(measure).decode())


if __name__ == "__main__":
    uvloop.run(main())
