"""Repairs what differs by sending just those rows once more, and says which of them are equal everywhere afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer

from chassis.mysql import Database
from reconciliation.emission import raise_version, send_deletion
from reconciliation.looking_again import AT_ONCE, WAIT_S, what_stays
from reconciliation.rows import Difference, Source, View
from reconciliation.tables import Table

TRIES = 3
"""Elasticsearch remembers for a minute at which version somebody deleted a document, and tells nobody: the first try
may come below it."""

MOST_VERSION = 2**62
"""A view that says to be newer than this is rebuilt: above it, MySQL would soon have no version left to give."""


@dataclass(frozen=True)
class Wrong:
    """What differs of one table, and the stores that have it."""

    table: Table
    source: Source
    views: Sequence[View]
    differences: Sequence[Difference]

    @property
    def keys(self) -> list[str]:
        """The rows, each once."""
        return sorted({each.key for each in self.differences})


async def repair(
    wrong: Sequence[Wrong], writer: Database, producer: AIOKafkaProducer, wait_s: float = WAIT_S
) -> list[Difference]:
    """Send the rows that differ once more, and wait until they are equal, for `wait_s` seconds each try.

    `writer` is an account that may raise versions. Returns what differs still. Raises `Unavailable` and KafkaError;
    what was sent by then is on its way.
    """
    left = list(wrong)
    for _ in range(TRIES):
        for each in left:
            await _send(each, writer, producer)
        stays = await asyncio.gather(*(_what_stays(each, wait_s) for each in left))
        left = [replace(each, differences=still) for each, still in zip(left, stays, strict=True) if still]
        if not left:
            break
    return [difference for each in left for difference in each.differences]


async def _what_stays(wrong: Wrong, wait_s: float) -> list[Difference]:
    """In all views, since each hears of the row now, whichever of them was wrong."""
    stays = await asyncio.gather(
        *(what_stays(wrong.table.name, wrong.source, view, wrong.keys, wait_s) for view in wrong.views)
    )
    return [difference for each in stays for difference in each]


async def _send(wrong: Wrong, writer: Database, producer: AIOKafkaProducer) -> None:
    for start in range(0, len(wrong.keys), AT_ONCE):
        keys = wrong.keys[start : start + AT_ONCE]
        views = [await view.rows_of(keys) for view in wrong.views]
        for key in keys:
            seen = [rows[key] for rows in views if key in rows]
            highest = max((each.version for each in seen), default=0)
            if highest > MOST_VERSION:
                continue
            async with writer.reading() as connection:
                is_there = await raise_version(connection, wrong.table, key, highest)
            shown = [each.values for each in seen if each.values is not None]
            if not is_there and shown:
                await send_deletion(producer, wrong.table, key, highest, shown[0])
