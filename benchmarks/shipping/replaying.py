"""All shipments as their events lead to them, of all events in MySQL, against fetching the same pages of events."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from time import perf_counter
from uuid import UUID

import aiomysql

from benchmarks.measures import Measure, middle_per_second, ratio
from benchmarks.shipping import database
from benchmarks.shipping.histories import EVENTS, shipment_id
from benchmarks.shipping.recorder import Recorder
from chassis.databases.mysql import Connection
from contracts.shipping import ShipmentStatus
from shipping.events import streams
from shipping.shipments.repository import read_states, stream_of
from shipping.shipments.verifying import AT_ONCE

NAMES = ("replay", "fetch")


async def measure_replay(options: Namespace) -> None:
    """In pages of the size that `oms shipping verify` has. Raises RuntimeError if an event is missing."""
    runs: dict[str, list[Measure]] = {name: [] for name in NAMES}
    numbers = range(options.replayed)
    pages = list(_pages([shipment_id(number) for number in numbers]))
    bare = await database.connect()
    async with database.opened() as shipping:
        await database.empty(shipping)
        await database.insert(shipping, numbers, whole=True)
        async with shipping.reading() as connection:
            await connection.fetch_all("ANALYZE TABLE shipping_event")
            await _fetched(bare, pages)  # warms up
            for _ in range(options.rounds):
                runs["replay"].append(await _replayed(connection, pages))
                runs["fetch"].append(await _fetched(bare, pages))
                for some in runs.values():
                    print(f"{some[-1].name:<10} {some[-1].per_second:9,.0f} events/s", flush=True)
    bare.close()
    rate = {name: middle_per_second(some) for name, some in runs.items()}
    print(ratio("replay-to-bare-fetch", rate["replay"] / rate["fetch"], 0.8))


def _pages(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    for first in range(0, len(ids), AT_ONCE):
        yield [*ids[first : first + AT_ONCE]]


async def _replayed(connection: Connection, pages: Sequence[Sequence[UUID]]) -> Measure:
    began, events = perf_counter(), 0
    for page in pages:
        states = await read_states(connection, page)
        delivered = [each for each in states.values() if each.status is ShipmentStatus.DELIVERED]
        events += sum(each.version for each in delivered)
    return _measure("replay", events, began, pages)


async def _fetched(bare: aiomysql.Connection, pages: Sequence[Sequence[UUID]]) -> Measure:
    began, events = perf_counter(), 0
    for page in pages:
        recorder = Recorder()
        await streams.read(recorder.connection(), [stream_of(each) for each in page])
        async with bare.cursor() as cursor:
            await cursor.execute(*recorder.statements[0])
            events += len(await cursor.fetchall())
    return _measure("fetch", events, began, pages)


def _measure(name: str, events: int, began: float, pages: Sequence[Sequence[UUID]]) -> Measure:
    if events != (wanted := EVENTS * sum(map(len, pages))):
        raise RuntimeError(f"{name} has seen {events} events of {wanted}")
    return Measure(name=name, done=events, seconds=perf_counter() - began, latencies_ms=[])
