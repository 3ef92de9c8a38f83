"""OMS_<SERVICE>_PROCESSES: several processes on one port, which are killed, restarted, and stopped."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from chassis.http.serving import processes
from tests.support.eventually import eventually

PROCESSES = 2
CONNECTIONS = 16


class Service:
    """A running service with its parent process."""

    def __init__(self, port: int, folder: Path, parent: asyncio.subprocess.Process) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.parent = parent

    def client(self) -> httpx.AsyncClient:
        """A client whose requests use one connection."""
        return httpx.AsyncClient(base_url=self.url, verify=False, timeout=60)

    def children(self) -> set[int]:
        """The processes that serve requests."""
        text = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children").read_text()
        return {int(each) for each in text.split()}

    async def pid(self) -> int:
        """The process that answers on a new connection. Raises AssertionError if none does."""
        async with self.client() as http:
            return await pid_of(http)

    async def requests(self) -> float:
        """The counted requests of `/pid`."""
        async with self.client() as http:
            return value("http_requests_total", (await http.get("/metrics")).text, 'handler="/pid"')

    def release(self) -> None:
        """Let the requests of `/held` end."""
        (self.folder / "release").touch()

    def lines(self) -> list[dict[str, object]]:
        """What it has logged."""
        return [orjson.loads(line) for line in (self.folder / "log").read_text().splitlines()]

    def logged(self, event: str) -> int:
        """How often it has logged this event."""
        return sum(line["event"] == event for line in self.lines())


async def pid_of(http: httpx.AsyncClient) -> int:
    try:
        return int((await http.get("/pid")).text)
    except httpx.TransportError as error:
        raise AssertionError("it does not answer") from error


def value(name: str, metrics: str, labels: str = "") -> float:
    found = [line for line in metrics.splitlines() if re.match(rf"{name}(\{{|\s)", line) and labels in line]
    return sum(float(line.rpartition(" ")[2]) for line in found)


async def started(folder: Path, port: int, **more: str) -> asyncio.subprocess.Process:
    settings = {"OMS_ORDERS_PORT": str(port), "OMS_ORDERS_PROCESSES": str(PROCESSES), **more}
    own = {"TMPDIR": str(folder), "OMS_TEST_RELEASE": str(folder / "release")}
    with (folder / "log").open("ab") as log:
        command = (sys.executable, "-m", "tests.support.system.several_processes")
        return await asyncio.create_subprocess_exec(*command, env={**os.environ, **settings, **own}, stdout=log)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
async def service(tmp_path: Path, port: int) -> AsyncIterator[Service]:
    running = Service(port, tmp_path, await started(tmp_path, port))
    try:
        await eventually(running.pid)
        yield running
    finally:
        if running.parent.returncode is None:
            running.parent.kill()  # its children end with it
        await running.parent.wait()


@asynccontextmanager
async def connections(service: Service) -> AsyncIterator[dict[int, list[httpx.AsyncClient]]]:
    """Connections to every process."""
    async with AsyncExitStack() as stack:
        found: dict[int, list[httpx.AsyncClient]] = {}

        async def connect() -> None:
            http = await stack.enter_async_context(service.client())
            found.setdefault(await pid_of(http), []).append(http)
            assert set(found) == service.children(), "no connection to one of them yet"
            assert sum(map(len, found.values())) >= CONNECTIONS

        await eventually(connect)
        yield found


async def held(clients: Sequence[httpx.AsyncClient], service: Service) -> list[asyncio.Task[httpx.Response]]:
    """Requests in flight, one on each of these connections."""
    before = service.logged("held")
    tasks = [asyncio.create_task(http.get("/held")) for http in clients]

    def all_have_begun() -> None:
        assert service.logged("held") == before + len(clients)

    await eventually(all_have_begun)
    return tasks


def exist(pids: set[int]) -> bool:
    return any(Path(f"/proc/{pid}").exists() for pid in pids)


async def test_connections_are_shared_and_logs_name_the_process(service: Service) -> None:
    async with connections(service) as found:
        assert len(found) == PROCESSES
        assert service.parent.pid not in found

    assert {line["process"] for line in service.lines() if line["event"] == "request"} == {1, 2}


async def test_only_requests_of_a_killed_process_fail(service: Service) -> None:
    async with connections(service) as found:
        (victim, of_victim), (other, of_other) = found.items()
        failing, finishing = await held(of_victim, service), await held(of_other, service)
        os.kill(victim, signal.SIGKILL)
        failures = await asyncio.gather(*failing, return_exceptions=True)
        service.release()
        answers = await asyncio.gather(*finishing)

    assert all(isinstance(each, httpx.TransportError) for each in failures), failures
    assert {(answer.status_code, int(answer.text)) for answer in answers} == {(200, other)}
    async with connections(service) as found:
        assert len(found) == PROCESSES
        assert victim not in found


async def test_metrics_are_those_of_all_processes_also_killed_ones(service: Service) -> None:
    before = await service.requests()
    async with connections(service) as found:
        made = sum(map(len, found.values()))
        assert await service.requests() - before == made
        os.kill(next(iter(found)), signal.SIGKILL)

    async with connections(service) as found:
        made += sum(map(len, found.values()))
        counted = {await service.requests() - before for _ in range(CONNECTIONS)}
        async with service.client() as http:
            running = value("oms_http_processes", (await http.get("/metrics")).text)

    assert counted == {made}
    assert running == PROCESSES


async def test_sigterm_finishes_requests_of_all_processes(service: Service) -> None:
    children = service.children()
    async with connections(service) as found:
        tasks = [each for clients in found.values() for each in await held(clients, service)]
        service.parent.terminate()

        async def nobody_listens() -> None:
            async with service.client() as http:
                try:
                    await http.get("/pid")
                except httpx.TransportError:
                    return
            raise AssertionError("it still takes connections")

        await eventually(nobody_listens)
        service.release()
        answers = await asyncio.gather(*tasks)
        exit_code = await service.parent.wait()

    assert {answer.status_code for answer in answers} == {200}
    assert {int(answer.text) for answer in answers} == children
    assert exit_code == 0
    assert not exist(children)
    assert not list(service.folder.glob("oms-orders-metrics-*"))
    assert not [line for line in service.lines() if line["level"] == "error"]


async def test_nothing_outlives_a_killed_parent(service: Service) -> None:
    children = service.children()
    assert len(children) == PROCESSES
    service.parent.kill()
    await service.parent.wait()

    def all_have_ended() -> None:
        assert not exist(children)

    await eventually(all_have_ended)
    service.parent = await started(service.folder, int(service.url.rpartition(":")[2]))
    await eventually(service.pid)
    assert len(list(service.folder.glob("oms-orders-metrics-*"))) == 1


async def test_a_port_in_use_is_not_shared(service: Service) -> None:
    second = await started(service.folder, int(service.url.rpartition(":")[2]))

    assert await second.wait() != 0
    assert await service.pid() in service.children()


async def test_processes_that_end_at_once_end_the_service(tmp_path: Path, port: int) -> None:
    parent = await started(tmp_path, port, OMS_HTTP_IDLE_TIMEOUT_S="none")
    service = Service(port, tmp_path, parent)

    assert await parent.wait() == 1
    assert service.logged("process ended, restarting") == processes.MOST_EARLY_ENDS - 1
    assert service.logged("processes end early, giving up") == 1
    assert not list(service.folder.glob("oms-orders-metrics-*"))
