"""Runs an HTTP service as a separate process with real servers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from local.programs import PROGRAMS
from tests.support.eventually import eventually
from tests.support.shop.builders import client

CHECKOUT = Path(__file__).parents[3]


@asynccontextmanager
async def process(service: str, log: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process of `local/programs.py` while the block runs; a test may end it earlier."""
    command, environ = _command(service)
    with (log or Path(os.devnull)).open("wb") as out:
        started = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, env=environ, stdout=out, stderr=out)
    try:
        await eventually(lambda: _is_ready(service))
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


@contextmanager
def process_of_a_module(service: str) -> Iterator[None]:
    """The same for several tests, which must not end it: starting it takes longer than most of them."""
    command, environ = _command(service)
    started = subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(eventually(lambda: _is_ready(service)))
        yield
    finally:
        started.kill()
        started.wait()


def _command(service: str) -> tuple[list[str], dict[str, str]]:
    """The command of a process, with the Python of the tests, and its environment."""
    [program] = [program for program in PROGRAMS if program.name == service]
    _, *arguments = program.command.split()
    return [sys.executable, *arguments], {**os.environ, **program.environment}


async def _is_ready(service: str) -> None:
    async with client(service) as http:
        try:
            answer = await http.get("/health/ready")
        except httpx.TransportError as error:
            raise AssertionError("it does not answer") from error
    assert answer.status_code == 200, answer.text
