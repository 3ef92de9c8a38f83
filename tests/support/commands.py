"""The command `oms` as a process of its own, as whoever runs the system calls it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


async def begun(*arguments: str) -> asyncio.subprocess.Process:
    """`oms` with these arguments, under way; what it says is in its `stdout`."""
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
    """How `oms` ended, and what it said, in one line however wide the screen."""
    process = await begun(*arguments)
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, " ".join(said.decode().split())
