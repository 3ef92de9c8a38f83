"""One process of ours on its own, as the supervisor runs it, on the tests' servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.builders import client
from tests.eventually import eventually


@dataclass
class Process:
    """A running process and what it says."""

    running: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Its process number."""
        return self.running.pid

    def kill(self) -> None:
        """End it at once."""
        self.running.kill()

    def said(self) -> str:
        """All of its log."""
        return self.log.read_text()


@asynccontextmanager
async def process(name: str, log: Path = Path(os.devnull)) -> AsyncIterator[Process]:
    """`python -m <name>.api`, ready at the start and gone in the end."""
    service = _started(name, log)
    try:
        await eventually(lambda: _is_ready(name))
        yield service
    finally:
        service.running.kill()
        service.running.wait()


def _started(name: str, log: Path) -> Process:
    command = [sys.executable, "-m", f"{name}.api"]
    with log.open("wb") as out:
        return Process(subprocess.Popen(command, env=os.environ, stdout=out, stderr=subprocess.STDOUT), log)


async def _is_ready(name: str) -> None:
    async with client(name) as http:
        try:
            status = (await http.get("/health/ready")).status_code
        except httpx.TransportError:
            status = 0
    assert status == 200
