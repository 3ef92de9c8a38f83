"""The process of a store as the drill runs it, with a connection to Kafka that can be cut."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.addresses import store_process
from oms.drill.killing import NotSupervised
from oms.environment import CHECKOUT


@asynccontextmanager
async def own_process(store_id: str, kafka_port: int) -> AsyncIterator[None]:
    """Run the store's process with this port of Kafka while the block runs, instead of the supervisor's.

    Raises NotSupervised.
    """
    try:
        from local import supervisor  # not part of the container image
        from local.configuration import log_file
        from local.environment import environment
        from local.programs import PROGRAMS
    except ImportError:
        raise NotSupervised("a store can be cut off in the embedded stack only; see `make up`") from None
    program = next(each for each in PROGRAMS if each.name == store_process(store_id))
    stack = environment()
    command = [sys.executable, *program.command.split()[1:]]
    own = {**stack, **program.environment, "OMS_KAFKA_PORT": str(kafka_port)}
    try:
        await asyncio.to_thread(supervisor.stop_program, program, stack)
    except OSError:
        raise NotSupervised(
            "a store can be cut off under the supervisor of this checkout only; see `make up`"
        ) from None
    try:
        with log_file(stack, program.name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, env=own, stdout=log, stderr=log)
        try:
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
    finally:
        await asyncio.to_thread(supervisor.start_program, program, stack)
