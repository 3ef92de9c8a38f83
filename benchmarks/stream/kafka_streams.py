"""The peer: a Kafka Streams application that joins into a topic, and Debezium's JDBC sink from there to Postgres.

Both run concurrently in separate JVMs, which are started and connected before the time starts, at the first row that
the application reads.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import asyncpg
import httpx

from benchmarks.stream import peer_settings, read_model, topics
from benchmarks.stream.peer_settings import JOINED, SCHEMA, SINK
from benchmarks.stream.runs import Run, Sample
from benchmarks.stream.shop import LINES
from benchmarks.stream.variants import Load, process
from benchmarks.stream.watching import Progress, ReadProgress, watch
from chassis import addresses
from local.accounts import CHECKOUT

BUILT = CHECKOUT / ".local" / "kafka-streams"
SOURCES = CHECKOUT / "benchmarks" / "kafka_streams"

LOOK_EVERY_S = 1.0
"""Each check counts the rows of the table; more checks would slow down the sink."""

_TABLE = f"""
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
CREATE SCHEMA {SCHEMA} AUTHORIZATION orders_stream;
SET ROLE orders_stream;
CREATE TABLE {SCHEMA}.joined_order ({peer_settings.columns()});
RESET ROLE;
"""

_RESULT = f"""
SELECT count(*), sum(subtotal), sum(jsonb_array_length(lines)),
    sum((SELECT sum((line->>'amount')::numeric) FROM jsonb_array_elements(lines) AS line)), count(customer_email)
FROM {SCHEMA}.joined_order
"""


def build() -> None:
    """Compile the application and download the sink into `.local`. Raises CalledProcessError."""
    command = ["mvn", "--batch-mode", "--quiet", "--no-transfer-progress", f"-Dtarget={BUILT}", "package"]
    subprocess.run([*command, "--file", str(SOURCES / "pom.xml")], check=True)


async def run(number: int, load: Load) -> Run:
    """Process all orders. Raises RuntimeError if the table is wrong in the end."""
    await _begin_anew()
    with TemporaryDirectory(dir=os.environ["OMS_DATA_DIR"]) as folder:
        seconds, samples = await _both_legs(number, load, Path(folder))
    return Run(name="kafka_streams", orders=load.orders, records=load.records, seconds=seconds, samples=samples)


async def _both_legs(number: int, load: Load, folder: Path) -> tuple[float, list[Sample]]:
    worker = _written(folder / "connect", peer_settings.connect(BUILT / "connectors", number))
    connector = _written(folder / "sink", peer_settings.sink())
    settings = _written(folder / "application", peer_settings.application(folder / "state", number))
    servers = CHECKOUT / ".local" / "servers" / "kafka"
    connect = _java(f"{servers}/*", "org.apache.kafka.connect.cli.ConnectStandalone", worker, connector)
    async with read_model.connected() as connection:
        with process("sink", *connect) as sink:
            await _until_running(sink)
            command = _java(f"{BUILT}/application/*", "oms.Application", settings)
            with process("kafka-streams", *command) as application:
                look = _progress_reader(connection, number, load.orders)
                seconds, samples = await watch([application.pid, sink.pid], look, LOOK_EVERY_S)
        await _check(connection, load)
    # The last order arrived between two checks: the whole interval is credited to the peer.
    return seconds - LOOK_EVERY_S, samples


async def _begin_anew() -> None:
    await read_model.empty()
    await topics.make_anew(JOINED)
    async with read_model.connected() as connection:
        await connection.execute(_TABLE)


def _written(file: Path, settings: Mapping[str, str]) -> str:
    """Write a properties file. Returns its path."""
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return str(file)


def _java(classpath: str, *rest: str) -> list[str]:
    log = f"-Dlog4j2.configurationFile={os.environ['OMS_DATA_DIR']}/conf/log4j2.properties"
    return [
        f"{os.environ['JAVA_HOME']}/bin/java",
        "-Xmx1g",
        "-XX:+ExitOnOutOfMemoryError",
        log,
        "-cp",
        classpath,
        *rest,
    ]


async def _until_running(sink: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + 120
    async with httpx.AsyncClient(base_url=addresses.url("connect")) as http:
        while monotonic() < deadline and sink.poll() is None:
            try:
                answer = await http.get(f"/connectors/{SINK}/status")
                states = [task["state"] for task in answer.json()["tasks"]] if answer.is_success else []
            except httpx.TransportError:
                states = []
            if states and set(states) == {"RUNNING"}:
                return
            await asyncio.sleep(0.5)
    raise RuntimeError("the sink is not running after two minutes")


def _progress_reader(connection: asyncpg.Connection, number: int, orders: int) -> ReadProgress:
    log = Path(os.environ["OMS_DATA_DIR"]) / "log" / "kafka-streams.log"

    async def look() -> Progress:
        began = re.findall(r"^began (\d+)$", log.read_text(), re.MULTILINE)
        count = await connection.fetchval(f"SELECT count(*) FROM {SCHEMA}.joined_order")
        return Progress(int(began[number]) / 1000 if len(began) > number else None, count / orders, (count,))

    return look


async def _check(connection: asyncpg.Connection, load: Load) -> None:
    [found] = await connection.fetch(_RESULT)
    wanted: tuple[int | Decimal, ...] = (load.orders, load.total, load.orders * LINES, load.total, load.orders)
    if tuple(found) != wanted:
        raise RuntimeError(f"Kafka Streams wrote {tuple(found)} and should have written {wanted}")
