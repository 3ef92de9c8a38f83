"""What a benchmark requires of MySQL: commits that are on disk, and the number of deadlocks."""

from __future__ import annotations

from chassis.databases.mysql import Connection, Database

_DURABLE = "SELECT @@innodb_flush_log_at_trx_commit AS flush, @@sync_binlog AS sync"

_DEADLOCKS = "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"


async def check_durable(database: Database) -> None:
    """Check that every commit is on disk, in the log of InnoDB and in the binlog. Raises RuntimeError."""
    async with database.reading() as connection:
        row = await connection.fetch_one(_DURABLE)
    if row != {"flush": 1, "sync": 1}:
        raise RuntimeError(f"commits are not durable: {row}")


async def deadlocks(connection: Connection) -> int:
    """How many deadlocks the server has counted. Raises RuntimeError if it does not count them."""
    row = await connection.fetch_one(_DEADLOCKS)
    if row is None:
        raise RuntimeError("the server does not count deadlocks")
    return int(row["Value"])
