"""The Kafka transport with the chunk consumer, found by Faust under the scheme `chunkkafka://`."""

from __future__ import annotations

from typing import Any

from faust.transport.drivers import aiokafka as driver

from chassis.chunks.consumer import ChunkConsumer


class Transport(driver.Transport):
    """Faust's aiokafka transport; the topics in `chunked_topics` are delivered in chunks."""

    Consumer = ChunkConsumer
    fetch_max_wait_ms = 500

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.chunked_topics: set[str] = set()
