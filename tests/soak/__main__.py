"""`python -m tests.soak --minutes 60 [--faults]`: runs a separate system under mixed load, then compares its views.

Prints the operations, the longest lag and the memory of the workers every minute. Exits with 1 if a view differs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from time import monotonic

import httpx
import psutil

from local import stack, supervisor
from local.programs import PROGRAMS
from oms.inspect.lag_of_steps import read_steps
from tests.soak.load import Shop
from tests.support import servers
from tests.support.comparison import assert_views_equal_mysql
from tests.support.eventually import eventually
from tests.support.freezing import frozen

WATCHED = ("orders_stream", "products_worker", "orders_worker", "gateway", "orders", "connectors")
FAULT_EVERY_S = 45.0
FROZEN_S = 15.0


async def again_and_again(action: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Repeat it for ever; refused and failed requests are part of the load."""
    while True:
        try:
            await action()
        except (httpx.HTTPError, AssertionError, KeyError, ValueError):
            pass
        await asyncio.sleep(pause_s)


async def faults(environ: dict[str, str], chance: random.Random) -> None:
    """Kill or freeze one program after another."""
    names = [program.name for program in PROGRAMS if not program.once]
    while True:
        await asyncio.sleep(FAULT_EVERY_S)
        name = chance.choice(names)
        state = supervisor.states(environ).get(name)
        if state is None or state["statename"] != "RUNNING":
            continue
        if chance.random() < 0.6:
            print(f"{_now()} kill -9 {name}", flush=True)
            os.kill(state["pid"], signal.SIGKILL)
        else:
            print(f"{_now()} frozen for {FROZEN_S:.0f} s: {name}", flush=True)
            with frozen(environ, name):
                await asyncio.sleep(FROZEN_S)


async def soak(environ: dict[str, str], minutes: float, with_faults: bool, seed: int) -> None:
    """Run the load, then wait until every view equals MySQL."""
    shop = Shop(seed)
    await shop.open()
    running = [asyncio.create_task(again_and_again(*each)) for each in shop.tasks().items()]
    if with_faults:
        running.append(asyncio.create_task(faults(environ, random.Random(seed))))
    end = monotonic() + minutes * 60
    while monotonic() < end:
        await asyncio.sleep(min(60.0, max(0.0, end - monotonic())))
        print(f"{_now()} {dict(shop.done)} lag {await _lag()} memory {_memory(environ)}", flush=True)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await eventually(assert_views_equal_mysql, timeout_s=300)
    print(f"{_now()} every view equals MySQL; {sum(shop.done.values())} changes were made")


async def _lag() -> str:
    try:
        now = datetime.now(UTC)
        return f"{max(step.lag_s(now) for step in await read_steps()):.1f} s"
    except Exception as error:  # Kafka itself may just have been killed
        return f"unknown ({type(error).__name__})"


def _memory(environ: Mapping[str, str]) -> str:
    states = supervisor.states(environ)
    found = []
    for name in WATCHED:
        try:
            found.append(f"{name} {psutil.Process(states[name]['pid']).memory_info().rss >> 20}")
        except (psutil.Error, KeyError):
            found.append(f"{name} –")
    return ", ".join(found) + " MB"


def _now() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"


def main() -> int:
    """Run it. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--faults", action="store_true", help="kill and freeze programs meanwhile")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    servers.start()
    try:
        with servers.ready_servers() as environ:
            stack.up(environ)
            asyncio.run(soak(environ, options.minutes, options.faults, options.seed))
    finally:
        servers.clean()
    return 0


if __name__ == "__main__":
    sys.exit(main())
