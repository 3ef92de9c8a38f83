"""The offsets up to which topics are processed, in the store's own database."""

from __future__ import annotations

from chassis.databases.mysql import Connection

_STORE = """
INSERT INTO read_position (topic, partition_number, next_offset) VALUES (%s, %s, %s)
ON DUPLICATE KEY UPDATE next_offset = %s
"""


def store(tx: Connection, topic: str, partition: int, next_offset: int) -> None:
    """Store a position, together with the next statement."""
    tx.later(_STORE, [topic, partition, next_offset, next_offset])


async def read(connection: Connection) -> dict[tuple[str, int], int]:
    """The next offset of each topic and partition that has been read."""
    rows = await connection.fetch_all("SELECT topic, partition_number, next_offset FROM read_position")
    return {(row["topic"], row["partition_number"]): row["next_offset"] for row in rows}
