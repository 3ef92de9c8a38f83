"""`oms connectors resnapshot`: closes a gap in the capture. Tables are read anew, deletions found by comparing keys.

A snapshot sends each row that there is, and tells of none that is gone: that shows in the views alone.
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
from oms.repair.table_repair import CANNOT, compare_all, repair_all
from oms.terminal import bad, console, good
from reconciliation.databases import opened
from reconciliation.recheck import WAIT_S, ViewBehind
from reconciliation.rows import Difference
from reconciliation.tables import TABLES

__all__ = ["CANNOT", "NotSnapshotted", "resnapshot"]

MODES = ("initial", "when_needed", "always")
"""Values of `snapshot.mode` with which a connector that has no offsets reads its tables."""


class NotSnapshotted(Exception):
    """The connector did not read its tables anew, or a view did not follow."""


async def resnapshot(names: Sequence[str]) -> list[Difference]:
    """Read all tables of these connectors anew, wait for the views, repair them, and compare them with MySQL.

    Returns what differs in the end, which is nothing. Raises NotSnapshotted, ConnectRefused, httpx.TransportError and
    what is in `CANNOT`. Safe to repeat, also after an interruption.
    """
    connect, offsets = Connect(), Offsets()
    try:
        for name in names:
            await _check(connect, name)
        sources = [source for source in SOURCES if source.connector in names]
        for source in sources:
            before = await _ends(offsets, source)
            await _begin_anew(connect, source.connector)
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
        raise NotSnapshotted(f"{name} is not registered: `oms connectors register` does that, and its first snapshot")
    if (mode := configuration.get("snapshot.mode", "initial")) not in MODES:
        raise NotSnapshotted(f"snapshot.mode of {name} is {mode}, with which it reads no tables: {', '.join(MODES)} do")


async def _begin_anew(connect: Connect, name: str) -> None:
    console.print(f"{name}: stopping it")
    await connect.stop(name)
    try:
        await connect.delete_offsets(name)
    finally:
        await connect.resume(name)
    console.print(f"{name}: its offsets are deleted, it reads its tables anew")


async def _until_snapshot_is_done(connect: Connect, offsets: Offsets, source: Source, before: Offset) -> None:
    """Done is a snapshot when the connector has an offset that is none of a snapshot's."""
    name = source.connector
    with console.status(f"{name}: snapshot …") as shown:
        async for _ in attempts(first_s=0.5, most_s=2):
            status = await connect.status(name)
            if causes := failures(name, status):
                raise NotSnapshotted("; ".join(map(str, causes)))
            offset = await connect.offset(name)
            written = sum((await _ends(offsets, source)).values()) - sum(before.values())
            shown.update(f"{name}: snapshot, {written:,} rows sent …")
            if offset is not None and not is_of_snapshot(offset) and is_running(status):
                console.print(f"{name}: snapshot done, {written:,} rows sent")
                return


async def _until_read(source: Source, ends: Offset) -> None:
    """Return when every reader has committed all of this."""
    groups = {group: [topic.name for topic in source.topics if group in topic.readers] for group in _readers(source)}
    with console.status("views: reading …") as shown:
        async for _ in attempts(first_s=0.5, most_s=2):
            unread = {group: await _unread(group, topics, ends) for group, topics in groups.items()}
            if not any(unread.values()):
                return
            shown.update("views: " + ", ".join(f"{group} has {count:,} to read" for group, count in unread.items()))


async def _unread(group: str, topics: list[str], ends: Offset) -> int:
    async with admin() as client:
        committed: dict[TopicPartition, int] = await kafka.committed(client, group)
    return sum(max(0, end - committed.get(place, 0)) for place, end in ends.items() if place.topic in topics)


async def _repair(sources: Sequence[Source], running: Sequence[Source]) -> list[Difference]:
    """Repair what these connectors read, then compare all that any running connector does: a person who is erased is
    erased from orders, too."""
    async with opened() as stores:
        with console.status("looking for what was deleted meanwhile, and repairing it …"):
            repaired = await _patiently(repair_all, stores, _tables(sources), WAIT_S, console.print)
        with console.status("comparing with MySQL …"):
            last = await _patiently(compare_all, stores, _tables(running), WAIT_S)
    left = differences(last)
    console.print("found and repaired:")
    show(repaired, None)
    console.print(bad("these differ still:") if left else good("compared once more: all is equal"))
    show(last, None)
    if others := [source.connector for source in SOURCES if source not in running]:
        console.print(bad(f"not compared, since it does not run: {', '.join(others)}; see `oms connectors`"))
    return left


def _tables(sources: Sequence[Source]) -> list[str]:
    databases = {source.database for source in sources}
    return [name for name, table in TABLES.items() if table.database in databases]


async def _patiently(work: Any, *arguments: Any) -> Any:
    """A view that says it is behind is waited for: a whole snapshot is on its way."""
    async for _ in attempts(first_s=1, most_s=5):
        try:
            return await work(*arguments)
        except ViewBehind as error:
            console.print(f"{error}: waiting")
    raise AssertionError("attempts have no end")


async def _ends(offsets: Offsets, source: Source) -> Offset:
    return await offsets.ends([topic.name for topic in source.topics])


def _readers(source: Source) -> set[str]:
    return {reader for topic in source.topics for reader in topic.readers}
