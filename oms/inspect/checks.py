"""The checks of `oms status`: processes, servers, connectors, consumer groups, dead letters, read model."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from aiokafka import TopicPartition

from chassis import addresses, settings
from chassis.databases import postgres
from chassis.kafka.client import admin, reader
from contracts.catalogue import CONSUMED
from oms import kafka
from oms.inspect.connectors import connector_states
from oms.inspect.dead_letters import open_letters
from oms.inspect.lag_of_stores import unread_of_stores
from oms.inspect.servers import SERVERS, TIMEOUT_S, failure_of
from oms.terminal import at, reason

PROCESSES = (
    "customers",
    "products",
    "orders",
    "gateway",
    "connectors",
    "orders_stream",
    "products_worker",
    "orders_worker",
    "inventory",
    "inventory_worker",
    "shipping",
    "shipping_worker",
    "reconciliation",
)
GROUPS = ("orders_stream", "products", "orders", "inventory", "shipping")

WAITING = """
SELECT count(DISTINCT order_id), min(received_at), (array_agg(order_id ORDER BY received_at))[1]
FROM incomplete_order AS waiting LEFT JOIN sales_order AS o USING (order_id)
WHERE waiting.received_at < now() - interval '1 minute' AND CASE topic
    WHEN 'order' THEN o.version IS NULL OR waiting.version > o.version
    ELSE o.version IS NULL OR NOT o.deleted AND (value ->> 'lines_version')::bigint > o.lines_version
END
"""


@dataclass(frozen=True)
class Finding:
    """One line of the status: what was checked, its state, and whether the state is as expected."""

    what: str
    state: str
    is_well: bool
    detail: str = ""


Check = Callable[[], Awaitable[list[Finding]]]
"""Checks one part of the system. Raises the errors of its client when that part is unavailable."""


async def processes() -> list[Finding]:
    """Whether each process is ready, and what it is missing otherwise."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        return list(await asyncio.gather(*(_process(client, name) for name in (*PROCESSES, *addresses.stores()))))


async def connectors() -> list[Finding]:
    """The state of each connector and task."""
    return [
        Finding(f"{name} {part}", state.lower(), state == "RUNNING", reason)
        for name, part, state, reason in await connector_states()
    ]


async def servers() -> list[Finding]:
    """Whether each server answers."""
    reasons = await asyncio.gather(*(failure_of(name) for name in SERVERS))
    return [
        Finding(name, "no answer" if reason else "answers", not reason, f"{addresses.address(name)} {reason}".strip())
        for name, reason in zip(SERVERS, reasons, strict=True)
    ]


async def consumer_groups() -> list[Finding]:
    """How many records each consumer group has not committed yet, by topic."""
    found = []
    async with admin() as client, reader() as consumer:
        present = await kafka.partitions(client)
        for group in GROUPS:
            read = [topic for topic in CONSUMED if group in topic.readers]
            topics = [name for topic in read for name in (topic.name, topic.replay) if name in present]
            partitions = kafka.each_partition({topic: present[topic] for topic in topics})
            nexts = {**await consumer.beginning_offsets(partitions), **await kafka.committed(client, group)}
            unread = await kafka.unread(consumer, nexts, await consumer.end_offsets(list(nexts)))
            found += [
                lag(group, topic, sum(unread[partition] for partition in partitions if partition.topic == topic))
                for topic in topics
            ]
    return found


async def store_readers() -> list[Finding]:
    """How much each store has not read, by topic."""
    async with admin() as client, reader() as consumer:
        behind = await unread_of_stores(consumer, await kafka.partitions(client))
    return [lag(store, topic, left.records) for store, topics in behind.items() for topic, left in topics.items()]


def lag(group: str, topic: str, records: int) -> Finding:
    """How far a consumer group is behind on a topic."""
    return Finding(f"{group} on {topic}", f"{records} behind" if records else "up to date", records == 0)


async def dead_letters() -> list[Finding]:
    """The open dead letters of each consumer group and topic."""
    found = Counter((each.letter.consumer, each.letter.topic) for each in await open_letters(CONSUMED))
    return [
        Finding(f"{group} on {topic}", f"{count} open", False, f"see: oms dead-letters list --topic {topic}")
        for (group, topic), count in sorted(found.items())
    ] or [Finding("all topics", "none", True)]


async def read_model() -> list[Finding]:
    """How many records of each topic the read model has not read yet, its newest change, and orders that wait."""
    database = postgres.Database(settings.postgres("gateway", "OMS_GATEWAY_DB_PASSWORD"))
    try:
        async with database.connection() as connection:
            rows = await connection.fetch(
                "SELECT topic, partition, next_offset, committed_at FROM progress"
                " WHERE topic = ANY($1) ORDER BY topic, partition",
                [topic.name for topic in CONSUMED],
            )
            waiting = await connection.fetchrow(WAITING)
    finally:
        await database.close()
    assert waiting is not None, "an aggregate has one row"
    nexts = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    async with reader() as consumer:
        unread = await kafka.unread(consumer, nexts, await consumer.end_offsets(list(nexts)))
    partitions: dict[str, list[tuple[int, datetime]]] = {}
    for row, count in zip(rows, unread.values(), strict=True):
        partitions.setdefault(row["topic"], []).append((count, row["committed_at"]))
    return [*(freshness(topic, each) for topic, each in partitions.items()), incomplete(*tuple(waiting))]


def incomplete(orders: int, since: datetime | None, order_id: UUID | None) -> Finding:
    """Orders that wait for their row or for lines, for longer than a change is in transit."""
    if since is None:
        return Finding("incomplete orders", "none", True)
    return Finding("incomplete orders", f"{orders} waiting", False, f"since {at(since)} UTC; see: oms trace {order_id}")


def freshness(topic: str, partitions: Sequence[tuple[int, datetime]]) -> Finding:
    """How fresh a topic's rows are, from the unread records and the last commit time of each partition."""
    unread = sum(count for count, _ in partitions)
    state = f"{unread} unread" if unread else "current"
    return Finding(
        topic, state, unread == 0, f"newest change {at(max(committed_at for _, committed_at in partitions))} UTC"
    )


async def _process(client: httpx.AsyncClient, name: str) -> Finding:
    try:
        answer = await client.get(f"{addresses.url(name)}/health/ready")
        missing = ", ".join(f"{what}: {reason}" for what, reason in answer.json()["missing"].items())
    except (httpx.TransportError, ValueError, KeyError) as error:
        return Finding(name, "no answer", False, f"{addresses.url(name)}: {reason(error)}")
    return Finding(name, "not ready" if missing else "ready", not missing, missing or addresses.url(name))


CHECKS: dict[str, Check] = {
    "processes": processes,
    "servers": servers,
    "connectors": connectors,
    "consumer groups": consumer_groups,
    "stores": store_readers,
    "dead letters": dead_letters,
    "read model": read_model,
}
