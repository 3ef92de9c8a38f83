"""Repairs rows that differ by publishing just those again, and returns the ones that still differ."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer

from chassis.databases.mysql import Connection, Database, transact
from reconciliation.emission import note_deletion, raise_lines, raise_version, send_deletion
from reconciliation.order_lines import surplus_lines
from reconciliation.recheck import WAIT_S, lasting_differences
from reconciliation.rows import Difference, RowState, Source, View
from reconciliation.tables import Lines, Table

TRIES = 3
"""Elasticsearch remembers the version of a deleted document for a minute without showing it: the first try may have a
lower version."""

AT_ONCE = 100
"""Rows whose version is raised in one transaction, and deletions that are sent concurrently."""

MOST_VERSION = 2**62
"""Rows of a view above this version are not repaired, since versions would soon overflow: rebuild the view."""


@dataclass(frozen=True)
class TableDifferences:
    """The differences of one table, and where it is."""

    table: Table
    source: Source
    views: Sequence[View]
    differences: Sequence[Difference]

    @property
    def keys(self) -> list[str]:
        """The rows, each once."""
        return sorted({each.key for each in self.differences})


async def repair(
    wrong: Sequence[TableDifferences], writer: Database, producer: AIOKafkaProducer, wait_s: float = WAIT_S
) -> list[Difference]:
    """Publish the rows that differ again, and wait up to `wait_s` seconds per try until they are equal.

    `writer` is an account that may raise versions. Returns the rows that still differ. Raises `Unavailable` and
    KafkaError; rows sent before the error are in transit.
    """
    left = list(wrong)
    for _ in range(TRIES):
        for each in left:
            await _send(each, writer, producer)
        remaining = await asyncio.gather(*(_remaining(each, wait_s) for each in left))
        left = [replace(each, differences=still) for each, still in zip(left, remaining, strict=True) if still]
        if not left:
            break
    return [difference for each in left for difference in each.differences]


async def send_deletions(wrong: TableDifferences, producer: AIOKafkaProducer) -> list[str]:
    """Publish the deletion of the rows that a view has and MySQL does not. Returns their keys.

    Safe with concurrent writes: only an import brings a row back under its key, with a version above the deletion that
    the service has recorded.
    """
    sent: list[str] = []
    for keys in _batches(wrong.keys):
        seen = await _states(wrong, keys)
        there = await wrong.source.rows_of(keys)
        sent += await _send_deletions(wrong, [key for key in keys if key not in there], seen, producer)
    return sent


async def _remaining(wrong: TableDifferences, wait_s: float) -> list[Difference]:
    """The rows that still differ in any view: each view receives the row now, also those that were right."""
    remaining = await asyncio.gather(
        *(lasting_differences(wrong.table.name, wrong.source, view, wrong.keys, wait_s) for view in wrong.views)
    )
    return [difference for each in remaining for difference in each]


async def _send(wrong: TableDifferences, writer: Database, producer: AIOKafkaProducer) -> None:
    for keys in _batches(wrong.keys):
        seen = await _states(wrong, keys)
        sane = [key for key in keys if max(_highest(seen[key]), _highest_line(seen[key])) <= MOST_VERSION]

        async def raise_all(
            tx: Connection, sane: list[str] = sane, seen: dict[str, list[RowState]] = seen
        ) -> list[str]:
            gone = [key for key in sane if not await raise_version(tx, wrong.table, key, _highest(seen[key]))]
            for key in gone:
                await note_deletion(tx, wrong.table, key, _highest(seen[key]))
            if lines := wrong.table.lines:
                for key in sane:
                    await raise_lines(tx, wrong.table, lines, key, _highest_line(seen[key]))
            return gone

        await _send_deletions(wrong, await transact(writer, raise_all), seen, producer)
        if lines := wrong.table.lines:
            await _send_line_deletions(wrong, lines, sane, seen, producer)


async def _send_deletions(
    wrong: TableDifferences, gone: Sequence[str], seen: dict[str, list[RowState]], producer: AIOKafkaProducer
) -> list[str]:
    values_by_key = {key: [each.values for each in seen[key] if each.values is not None] for key in gone}
    sends = [
        send_deletion(producer, wrong.table.topic, key, _highest(seen[key]), values[0])
        for key, values in values_by_key.items()
        if values and _highest(seen[key]) <= MOST_VERSION
    ]
    await asyncio.gather(*sends)
    return [key for key, values in values_by_key.items() if values]


async def _send_line_deletions(
    wrong: TableDifferences,
    lines: Lines,
    keys: Sequence[str],
    seen: Mapping[str, Sequence[RowState]],
    producer: AIOKafkaProducer,
) -> None:
    """Publish the deletion of the lines that MySQL does not have, of the orders that it has."""
    for key, order in (await wrong.source.rows_of(keys)).items():
        views = [each.values for each in seen[key] if each.values is not None]
        for line, of_order in surplus_lines(order.values or {}, views):
            await send_deletion(producer, lines.topic, line["order_detail_id"], line["version"], line, of_order)


async def _states(wrong: TableDifferences, keys: Sequence[str]) -> dict[str, list[RowState]]:
    """The states of each row in the views, deleted ones included."""
    views = [await view.rows_of(keys) for view in wrong.views]
    return {key: [rows[key] for rows in views if key in rows] for key in keys}


def _highest(seen: Sequence[RowState]) -> int:
    return max((each.version for each in seen), default=0)


def _highest_line(seen: Sequence[RowState]) -> int:
    return max((each.lines_seen for each in seen), default=0)


def _batches(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
