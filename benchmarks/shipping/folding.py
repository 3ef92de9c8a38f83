"""Shipments folded in memory, against the library `eventsourcing`, whose users would have the same aggregate."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import venv
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.measures import ratio
from benchmarks.shipping.folds import SHIPMENTS, Folded, columns_of
from benchmarks.shipping.histories import history, shipment_id
from local.accounts import CHECKOUT

PEER = "eventsourcing"
SOURCES = CHECKOUT / "benchmarks" / PEER
INSTALLED = CHECKOUT / ".local" / PEER


async def measure_folds(options: Namespace) -> None:
    """One process each, alternately. Raises RuntimeError if both do not end with the same state."""
    python = await asyncio.to_thread(install_peer)
    runs: dict[str, list[Folded]] = {"own": [], PEER: []}
    for _ in range(options.rounds):
        for name, into in runs.items():
            into.append(_run(name, python, options.seconds))
            print(f"{name:<14} {into[-1].per_second:9,.0f} events/s", flush=True)
    if (own := runs["own"][-1].state) != (peer := runs[PEER][-1].state):
        raise RuntimeError(f"the states differ: {own}, {peer}")
    own_rate, peer_rate = (median(run.per_second for run in some) for some in runs.values())
    print(ratio("fold-to-eventsourcing", own_rate / peer_rate, 10))


def install_peer() -> Path:
    """Install the library into an environment of its own. Returns its Python. Raises CalledProcessError."""
    wanted, python, done = SOURCES / "requirements.txt", INSTALLED / "bin" / "python", INSTALLED / "installed.txt"
    if done.exists() and done.read_bytes() == wanted.read_bytes():
        return python
    venv.create(INSTALLED, clear=True, with_pip=True)
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([python, "-m", "pip", "install", *options, "-r", wanted], check=True)
    done.write_bytes(wanted.read_bytes())
    return python


def _run(name: str, python: Path, seconds: float) -> Folded:
    command: Sequence[str | Path] = [sys.executable, "-m", "benchmarks.shipping.folds", str(seconds)]
    if name == PEER:
        command = [python, SOURCES / "fold.py", str(seconds)]
    printed = subprocess.run(command, check=True, input=_histories(), stdout=subprocess.PIPE).stdout
    return msgspec.json.decode(printed, type=Folded)


def _histories() -> bytes:
    """The same shipments for the peer: by id, the names of their events and the JSON of each."""
    found = {str(shipment_id(number)): columns_of(history(number)) for number in range(SHIPMENTS)}
    return msgspec.json.encode(found)
