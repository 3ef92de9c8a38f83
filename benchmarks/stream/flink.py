"""The peer in Flink SQL (`benchmarks/flink/`): one JVM with a local cluster, its state on the heap."""

from __future__ import annotations

import os
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from benchmarks.stream import jvm, peers
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run
from chassis import addresses
from chassis.settings import postgres
from local.accounts import CHECKOUT

NAME = "flink"
PARALLELISM = 2
PACKAGES = ("lang", "lang.invoke", "math", "net", "io", "nio", "text", "time", "util", "util.concurrent")
"""Packages of Java that Flink's serializers look into, as the configuration of its distribution says."""


async def run(number: int, load: Load) -> Run:
    """Process all orders. Raises RuntimeError if the read model is wrong in the end."""
    with TemporaryDirectory(dir=os.environ["OMS_DATA_DIR"]) as folder:
        file = Path(folder) / "job.sql"
        file.write_text(_job(Path(folder), number))
        opened = [f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in PACKAGES]
        return await peers.run(NAME, number, load, jvm.command(NAME, "-Xmx2g", *opened, "oms.Job", str(file)))


def _job(folder: Path, number: int) -> str:
    account = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    return Template((CHECKOUT / "benchmarks" / "flink" / "job.sql").read_text()).substitute(
        parallelism=PARALLELISM,
        checkpoints=folder / "checkpoints",
        kafka=addresses.address("kafka"),
        group=f"flink-{number}",
        url=jvm.jdbc_url(),
        user=account.user,
        password=account.password,
    )
