"""The limit of a hot day: tasks that lock its row and update it, by plain aiomysql. A separate process.

python -m benchmarks.shipping.bare_day CLIENTS WARM_UP_S SECONDS DATE
"""

from __future__ import annotations

import sys

import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.shipping.database import connect
from benchmarks.shipping.histories import LOCATION

_LOCK = "SELECT state, version FROM delivery_day WHERE depot = %s AND delivery_date = %s FOR UPDATE"
_UPDATE = "UPDATE delivery_day SET version = version + 1 WHERE depot = %s AND delivery_date = %s"


async def a_client(day: str) -> Action:
    """A client with its own connection."""
    connection = await connect()

    async def lock_and_update() -> None:
        await connection.begin()
        async with connection.cursor() as cursor:
            await cursor.execute(_LOCK, [LOCATION, day])
            if not await cursor.fetchall():
                raise RuntimeError("the day has no row")
            await cursor.execute(_UPDATE, [LOCATION, day])
        await connection.commit()

    return lock_and_update


async def main() -> None:
    """Print the measurement as JSON."""
    clients, warm_up_s, seconds = (int(each) for each in sys.argv[1:4])
    things = [await a_client(sys.argv[4]) for _ in range(clients)]
    print(msgspec.json.encode(await busy("bare row", things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
