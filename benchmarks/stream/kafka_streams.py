"""The peer in Kafka Streams (`benchmarks/kafka_streams/`), tuned for throughput."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from benchmarks.stream import jvm, peers, topics
from benchmarks.stream.read_model import Load
from benchmarks.stream.runs import Run
from chassis import addresses
from chassis.settings import postgres

NAME = "kafka_streams"
JOINED = "benchmark-joined-orders"


async def run(number: int, load: Load) -> Run:
    """Process all orders. Raises RuntimeError if the read model is wrong in the end."""
    await topics.make_anew(JOINED)
    with TemporaryDirectory(dir=os.environ["OMS_DATA_DIR"]) as folder:
        file = Path(folder) / "settings"
        settings = application(Path(folder) / "state", number)
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return await peers.run(NAME, number, load, jvm.command(NAME, "-Xmx1g", "oms.Application", str(file)))


def application(state: Path, number: int) -> Mapping[str, str]:
    """A large cache and few commits, so that an order and its lines are joined in memory and written once."""
    account = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    login = urlencode({"user": account.user, "password": account.password})
    return {
        "bootstrap.servers": addresses.address("kafka"),
        "application.id": f"kafka-streams-{number}",
        "joined.topic": JOINED,
        "read.model.url": f"{jvm.jdbc_url()}&{login}",
        "state.dir": str(state),
        "auto.offset.reset": "earliest",
        "num.stream.threads": "3",
        "commit.interval.ms": "1000",
        "statestore.cache.max.bytes": str(256 * 2**20),
        "replication.factor": "1",
        "producer.linger.ms": "20",
        "producer.batch.size": str(256 * 2**10),
        "producer.acks": "all",
        "topology.optimization": "all",
    }
