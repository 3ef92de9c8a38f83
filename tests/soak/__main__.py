"""`python -m tests.soak --minutes 60 [--faults]`: runs a separate system under mixed load, then compares its views.

Prints the operations and the longest lag every minute. The report at the end has the memory of each program, what was
killed, what clients were answered, and the rows of each database. Exits with 1 if a view differs from MySQL, or a
client saw what it must not see.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic

import httpx

from local import stack
from oms.inspect.lag_of_steps import read_steps
from tests.soak import equality
from tests.soak.clients import Clients
from tests.soak.faults import Faults
from tests.soak.load import Shop
from tests.soak.memory import Memory
from tests.soak.reading import Reader
from tests.support.system import servers

SAMPLE_EVERY_S = 10.0
SAMPLES_OF_A_LINE = 6
READERS = 4
READ_EVERY_S = 0.1
REFUSED = (httpx.HTTPError, AssertionError, KeyError, ValueError)
"""Refused and failed requests are part of the load, and counted by the clients."""


async def again_and_again(action: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Repeat it for ever."""
    while True:
        try:
            await action()
        except REFUSED:
            pass
        await asyncio.sleep(pause_s)


class Soak:
    """The load, the readers and the faults, and what came of them."""

    def __init__(self, environ: dict[str, str], seed: int) -> None:
        self.clients = Clients()
        self._shop = Shop(self.clients, seed)
        self._readers = [Reader(self.clients, self._shop.orders, seed + number) for number in range(READERS)]
        self._faults = Faults(environ, seed)
        self._memory = Memory(environ)

    async def run(self, minutes: float, with_faults: bool) -> None:
        """Run the load, and print a line every minute."""
        await self._shop.open()
        actions = [*self._shop.tasks(), *((reader.look, READ_EVERY_S) for reader in self._readers)]
        running = [asyncio.create_task(again_and_again(*each)) for each in actions]
        if with_faults:
            running.append(asyncio.create_task(self._faults.run()))
        end, number = monotonic() + minutes * 60, 0
        while (left_s := end - monotonic()) > 0:
            self._memory.sample()
            if (number := number + 1) % SAMPLES_OF_A_LINE == 0:
                print(f"{_now()} {dict(self._shop.done)} lag {await _lag()}", flush=True)
            if ended := [task for task in running if task.done()]:
                ended[0].result()  # raises what ended it
            await asyncio.sleep(min(SAMPLE_EVERY_S, left_s))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def report(self) -> None:
        """Print what happened."""
        sections = {
            "operations": [f"  {self._shop.done.total()}: {dict(self._shop.done)}"],
            "memory since the last start of each program": self._memory.lines(),
            "faults": [f"  {what} x {count}" for what, count in sorted(self._faults.done.items())] or ["  none"],
            "answers to clients": self.clients.lines(),
            "what clients must not see": [f"  {each}" for each in self.clients.problems] or ["  nothing"],
        }
        for title, lines in sections.items():
            print(f"{title}:", *lines, sep="\n", flush=True)


async def soak(environ: dict[str, str], minutes: float, with_faults: bool, seed: int) -> bool:
    """Run it, and compare all databases. False if clients saw what they must not see."""
    run = Soak(environ, seed)
    try:
        await run.run(minutes, with_faults)
    finally:
        run.report()
    began = monotonic()
    comparisons = await equality.compare_everything()
    print(
        f"every view equals MySQL, {monotonic() - began:.0f} s after the load:", *equality.lines(comparisons), sep="\n"
    )
    return not run.clients.problems


async def _lag() -> str:
    try:
        async with asyncio.timeout(SAMPLE_EVERY_S):
            now = datetime.now(UTC)
            return f"{max(step.lag_s(now) for step in await read_steps()):.1f} s"
    except Exception as error:  # Kafka itself may just have been killed
        return f"unknown ({type(error).__name__})"


def _now() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"


def main() -> int:
    """Run it. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--faults", action="store_true", help="kill and freeze programs meanwhile")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # A shell starts what runs in the background with SIGINT ignored. Both signals end the run with its report.
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    servers.start()
    try:
        with servers.ready_servers() as environ:
            stack.up(environ)
            is_well = asyncio.run(soak(environ, options.minutes, options.faults, options.seed))
    except AssertionError as error:
        print(f"a view differs from MySQL: {error}", file=sys.stderr)
        return 1
    finally:
        servers.clean()
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
