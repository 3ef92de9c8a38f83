"""Reads the databases of all stores with Debezium's account, which may read each of them."""

from __future__ import annotations

from aiokafka import TopicPartition

from chassis import settings
from chassis.databases.mysql import Connection, Database

_SELECT_DATABASES = (
    "SELECT table_schema AS name FROM information_schema.tables"
    r" WHERE table_schema LIKE 'store\_%%' AND table_name = 'read_position' ORDER BY table_schema"
)
_SELECT_POSITIONS = "SELECT topic, partition_number, next_offset FROM `{}`.read_position"


def cdc_database() -> Database:
    """MySQL with Debezium's account. Raises SettingMissing."""
    return Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))


def store_of(database: str) -> str:
    """The id of the store that has this database: see `stores/settings.py`. An id has no underscore."""
    return database.removeprefix("store_").replace("_", "-")


async def store_databases(connection: Connection) -> list[str]:
    """The databases of the stores that have started at least once."""
    return [row["name"] for row in await connection.fetch_all(_SELECT_DATABASES)]


async def read_positions(connection: Connection) -> dict[str, dict[TopicPartition, int]]:
    """The next offset of each partition that a store reads, by store. A store stores them with its answers."""
    found = {}
    for database in await store_databases(connection):
        rows = await connection.fetch_all(_SELECT_POSITIONS.format(database))
        found[store_of(database)] = {
            TopicPartition(row["topic"], row["partition_number"]): row["next_offset"] for row in rows
        }
    return found
