"""The heartbeat table of each MySQL database. The connector updates its only row every second."""

from __future__ import annotations

from chassis.databases.mysql import Connection
from contracts.heartbeats import Source

_CREATE = """
CREATE TABLE `{database}`.`{table}` (
    heartbeat_id TINYINT NOT NULL PRIMARY KEY,
    beaten_at DATETIME(6) NOT NULL,
    version BIGINT NOT NULL
)
"""


async def create_table(connection: Connection, source: Source) -> None:
    """Create the table if it is missing. It is the only one that Debezium's account may create."""
    if not await connection.fetch_all(f"SHOW TABLES FROM `{source.database}` LIKE '{source.heartbeat.name}'"):
        await connection.execute(_CREATE.format(database=source.database, table=source.heartbeat.name))
