"""Runs the command `oms` as a separate process."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


async def begun(*arguments: str) -> asyncio.subprocess.Process:
    """Start `oms` with these arguments; its output is in `stdout`."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "oms",
        *arguments,
        cwd=CHECKOUT,
        env=dict(os.environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def oms(*arguments: str) -> tuple[int, str]:
    """The exit code of `oms`, and its output joined into one line."""
    process = await begun(*arguments)
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, " ".join(said.decode().split())
