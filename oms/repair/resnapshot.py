"""`oms connectors resnapshot`: closes a gap in the capture by a new snapshot, and finds deletions by comparing keys.

A snapshot publishes every row that exists, but no deletion: deleted rows are found only in the views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition

from chassis.kafka.client import admin
from chassis.kafka.offsets import Offset, Offsets
from chassis.retrying import attempts
from connectors.causes import failures, is_running
from connectors.connect_api import Connect
from connectors.positions import is_of_snapshot
from contracts.heartbeats import SOURCES, Source
from oms import kafka
from oms.repair.reconcile import differences, show
from oms.repair.table_repair import compare_all, repair_all
from oms.terminal import bad, console, good
from reconciliation.databases import open_databases
from reconciliation.recheck import WAIT_S, StaleView
from reconciliation.rows import Difference
from reconciliation.tables import TABLES

MODES = ("initial", "when_needed", "always")
"""Values of `snapshot.mode` with which a connector without offsets takes a snapshot."""


class SnapshotFailed(Exception):
    """The connector did not take a snapshot, or failed during it."""


async def resnapshot(names: Sequence[str]) -> list[Difference]:
    """Snapshot all tables of these connectors, wait for the views, repair them, and compare them with MySQL.

    Returns the rows that still differ, normally none. Raises SnapshotFailed, ConnectError, httpx.TransportError and
    `DATABASE_ERRORS`. Safe to repeat, also after an interruption.
    """
    connect, offsets = Connect(), Offsets()
    try:
        for name in names:
            await _check(connect, name)
        sources = [source for source in SOURCES if source.connector in names]
        for source in sources:
            before = await _ends(offsets, source)
            await _delete_offsets(connect, source.connector)
            await _until_snapshot_is_done(connect, offsets, source, before)
        for source in sources:
            await _until_read(source, await _ends(offsets, source))
        running = [each for each in SOURCES if is_running(await connect.status(each.connector))]
    finally:
        await offsets.close()
        await connect.close()
    return await _repair(sources, running)


async def _check(connect: Connect, name: str) -> None:
    configuration = await connect.configuration(name)
    if configuration is None:
        raise SnapshotFailed(f"{name} is not registered; run `oms connectors register`")
    if (mode := configuration.get("snapshot.mode", "initial")) not in MODES:
        raise SnapshotFailed(f"snapshot.mode of {name} is {mode}; set one of {', '.join(MODES)}")


async def _delete_offsets(connect: Connect, name: str) -> None:
    console.print(f"{name}: stopping")
    await connect.stop(name)
    try:
        await connect.delete_offsets(name)
    finally:
        await connect.resume(name)
    console.print(f"{name}: offsets deleted, snapshot started")


async def _until_snapshot_is_done(connect: Connect, offsets: Offsets, source: Source, before: Offset) -> None:
    """Return once the connector runs and has an offset from after the snapshot."""
    name = source.connector
    with console.status(f"{name}: snapshot …") as line:
        async for _ in attempts(first_s=0.5, most_s=2):
            status = await connect.status(name)
            if causes := failures(name, status):
                raise SnapshotFailed("; ".join(map(str, causes)))
            offset = await connect.offset(name)
            written = sum((await _ends(offsets, source)).values()) - sum(before.values())
            line.update(f"{name}: snapshot, {written:,} rows published …")
            if offset is not None and not is_of_snapshot(offset) and is_running(status):
                console.print(f"{name}: snapshot done, {written:,} rows published")
                return


async def _until_read(source: Source, ends: Offset) -> None:
    """Return once every consumer group has committed these offsets."""
    groups = {group: [topic.name for topic in source.topics if group in topic.readers] for group in _readers(source)}
    with console.status("views: reading …") as line:
        async for _ in attempts(first_s=0.5, most_s=2):
            unread = {group: await _unread(group, topics, ends) for group, topics in groups.items()}
            if not any(unread.values()):
                return
            line.update("views: " + ", ".join(f"{group} has {count:,} unread" for group, count in unread.items()))


async def _unread(group: str, topics: list[str], ends: Offset) -> int:
    async with admin() as client:
        committed: dict[TopicPartition, int] = await kafka.committed(client, group)
    return sum(
        max(0, end - committed.get(partition, 0)) for partition, end in ends.items() if partition.topic in topics
    )


async def _repair(sources: Sequence[Source], running: Sequence[Source]) -> list[Difference]:
    """Repair the tables of these connectors, then compare those of all running ones.

    A deletion also erases the person from orders, which another connector captures.
    """
    async with open_databases() as databases:
        with console.status("repairing deleted and changed rows …"):
            repaired = await _until_views_follow(repair_all, databases, _tables(sources), WAIT_S, console.print)
        with console.status("comparing with MySQL …"):
            last = await _until_views_follow(compare_all, databases, _tables(running), WAIT_S)
    left = differences(last)
    console.print("repaired:")
    show(repaired, None)
    console.print(bad("these rows still differ:") if left else good("compared again: no differences"))
    show(last, None)
    if others := [source.connector for source in SOURCES if source not in running]:
        console.print(bad(f"not compared, because not running: {', '.join(others)}; check `oms connectors`"))
    return left


def _tables(sources: Sequence[Source]) -> list[str]:
    databases = {source.database for source in sources}
    return [name for name, table in TABLES.items() if table.database in databases]


async def _until_views_follow(work: Any, *arguments: Any) -> Any:
    """The result of `work`, called again while a view lags: a whole snapshot is in transit."""
    async for _ in attempts(first_s=1, most_s=5):
        try:
            return await work(*arguments)
        except StaleView as error:
            console.print(f"{error}: waiting")
    raise AssertionError("attempts never end")


async def _ends(offsets: Offsets, source: Source) -> Offset:
    return await offsets.ends([topic.name for topic in source.topics])


def _readers(source: Source) -> set[str]:
    return {reader for topic in source.topics for reader in topic.readers} - kafka.WITHOUT_GROUP
