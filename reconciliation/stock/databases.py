"""The databases that are verified: that of `inventory`, and one for each store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from chassis.databases.mysql import Connection
from contracts.inventory.reservations import RESERVATION
from contracts.topics import Topic

IS_STARTED = "table_name = 'receipt'"
"""Selects the table of `information_schema.tables` that a store makes last."""

_SELECT_STORES = (
    "SELECT table_schema AS name FROM information_schema.tables"
    rf" WHERE table_schema LIKE 'store\_%%' AND {IS_STARTED} ORDER BY table_schema"
)
_SELECT_POSITIONS = "SELECT partition_number, next_offset FROM `{}`.read_position WHERE topic = %s"


@dataclass(frozen=True)
class Place:
    """A database; `store_id` is empty for that of `inventory`."""

    database: str
    store_id: str = ""


CENTRAL = Place("inventory")


async def places(connection: Connection) -> list[Place]:
    """The database of `inventory`, and of each store that has started at least once."""
    return [CENTRAL, *await stores(connection)]


async def stores(connection: Connection) -> list[Place]:
    """The database of each store that has started at least once: see `stores/settings.py` for its name."""
    names = [row["name"] for row in await connection.fetch_all(_SELECT_STORES)]
    return [Place(name, name.removeprefix("store_").replace("_", "-")) for name in names]


async def read_positions(
    connection: Connection, store: Place, topic: Topic[Any] = RESERVATION
) -> dict[TopicPartition, int]:
    """The next offset of each partition of a topic that a store reads. It stores them with its answers."""
    rows = await connection.fetch_all(_SELECT_POSITIONS.format(store.database), [topic.name])
    return {TopicPartition(topic.name, row["partition_number"]): row["next_offset"] for row in rows}
