"""The limit of commands: their statements by plain aiomysql, with values that are ready. No HTTP, no fold, no decision.

python -m benchmarks.shipping.bare_commands CLIENTS WARM_UP_S SECONDS FIRST COUNT [--together]

One statement after the other, or `--together` in as few packets as the service sends them in.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import aiomysql
import msgspec
import uvloop

from benchmarks.clients import Action, busy
from benchmarks.shipping.database import connect
from benchmarks.shipping.recorded_commands import packets_of
from benchmarks.shipping.recorder import Packet


async def a_client(commands: Iterator[list[Packet]], *, together: bool) -> Action:
    """A client with its own connection, which executes these commands."""
    connection = await connect()

    async def command() -> None:
        packets = next(commands)
        if not together:
            packets = [[each] for packet in packets for each in packet]
        async with connection.cursor() as cursor:
            for packet in packets:
                await _execute(cursor, packet)

    return command


async def _execute(cursor: aiomysql.Cursor, packet: Packet) -> None:
    await cursor.execute(";".join(cursor.mogrify(*each) for each in packet))
    for _ in packet[1:]:
        await cursor.nextset()
    if cursor.description is not None:
        await cursor.fetchall()


async def _commands_on(numbers: Sequence[int]) -> list[list[Packet]]:
    return [packets for number in numbers async for packets in packets_of(number)]


async def main() -> None:
    """Print the measurement as JSON."""
    clients, warm_up_s, seconds, first, count = (int(each) for each in sys.argv[1:6])
    numbers = range(first, first + count)
    together = "--together" in sys.argv
    # Each client has its own shipments, since the commands on one follow each other.
    prepared = [await _commands_on(numbers[own::clients]) for own in range(clients)]
    things = [await a_client(iter(commands), together=together) for commands in prepared]
    name = "in packets" if together else "bare"
    print(msgspec.json.encode(await busy(name, things, warm_up_s=warm_up_s, seconds=seconds)).decode())


if __name__ == "__main__":
    uvloop.run(main())
