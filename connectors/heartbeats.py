"""The table of the heartbeat in each MySQL database. The connector itself touches its one row, every second."""

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


async def make_table(connection: Connection, source: Source) -> None:
    """Make the table, unless it is there. The account that Debezium has may make this table and no other."""
    if not await connection.fetch_all(f"SHOW TABLES FROM `{source.database}` LIKE '{source.heartbeat.name}'"):
        await connection.execute(_CREATE.format(database=source.database, table=source.heartbeat.name))
