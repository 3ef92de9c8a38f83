"""Looking at the broker: a client for topics and groups that is closed whatever happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from chassis import addresses

REQUEST_TIMEOUT_MS = 10_000


@asynccontextmanager
async def admin(request_timeout_ms: int = REQUEST_TIMEOUT_MS) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups. Raises KafkaError when the broker is away."""
    client = AIOKafkaAdminClient(bootstrap_servers=addresses.address("kafka"), request_timeout_ms=request_timeout_ms)
    try:
        await client.start()
        yield client
    finally:
        await client.close()
