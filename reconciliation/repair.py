"""Repairs what differs by sending just those rows once more, and says which of them are equal everywhere afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer

from chassis.databases.mysql import Connection, Database, transact
from reconciliation.emission import note_deletion, raise_version, send_deletion
from reconciliation.recheck import WAIT_S, what_stays
from reconciliation.rows import Difference, Seen, Source, View
from reconciliation.tables import Table

TRIES = 3
"""Elasticsearch remembers for a minute at which version somebody deleted a document, and tells nobody: the first try
may come below it."""

AT_ONCE = 100
"""Rows whose version is raised in one transaction, and deletions that are on their way to the broker at once."""

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


async def send_deletions(wrong: Wrong, producer: AIOKafkaProducer) -> list[str]:
    """Say on the topic that those of the rows are deleted that MySQL has not, and that a view shows. Returns them.

    Safe whatever else is under way: a row comes back under its key by an import alone, above the delete that the
    service has noted.
    """
    sent: list[str] = []
    for keys in _some(wrong.keys):
        seen = await _seen(wrong, keys)
        there = await wrong.source.rows_of(keys)
        sent += await _send_deletions(wrong, [key for key in keys if key not in there], seen, producer)
    return sent


async def _what_stays(wrong: Wrong, wait_s: float) -> list[Difference]:
    """In all views, since each hears of the row now, whichever of them was wrong."""
    stays = await asyncio.gather(
        *(what_stays(wrong.table.name, wrong.source, view, wrong.keys, wait_s) for view in wrong.views)
    )
    return [difference for each in stays for difference in each]


async def _send(wrong: Wrong, writer: Database, producer: AIOKafkaProducer) -> None:
    for keys in _some(wrong.keys):
        seen = await _seen(wrong, keys)
        sane = [key for key in keys if _highest(seen[key]) <= MOST_VERSION]

        async def raise_all(tx: Connection, sane: list[str] = sane, seen: dict[str, list[Seen]] = seen) -> list[str]:
            gone = [key for key in sane if not await raise_version(tx, wrong.table, key, _highest(seen[key]))]
            for key in gone:
                await note_deletion(tx, wrong.table, key, _highest(seen[key]))
            return gone

        await _send_deletions(wrong, await transact(writer, raise_all), seen, producer)


async def _send_deletions(
    wrong: Wrong, gone: Sequence[str], seen: dict[str, list[Seen]], producer: AIOKafkaProducer
) -> list[str]:
    shown = {key: [each.values for each in seen[key] if each.values is not None] for key in gone}
    sends = [
        send_deletion(producer, wrong.table, key, _highest(seen[key]), values[0])
        for key, values in shown.items()
        if values and _highest(seen[key]) <= MOST_VERSION
    ]
    await asyncio.gather(*sends)
    return [key for key, values in shown.items() if values]


async def _seen(wrong: Wrong, keys: Sequence[str]) -> dict[str, list[Seen]]:
    """What each view has of each row, those that are marked as deleted too."""
    views = [await view.rows_of(keys) for view in wrong.views]
    return {key: [rows[key] for rows in views if key in rows] for key in keys}


def _highest(seen: Sequence[Seen]) -> int:
    return max((each.version for each in seen), default=0)


def _some(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
