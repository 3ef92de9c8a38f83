"""The freshness of the replica: decides whether a missing row may still arrive or does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.databases.mysql import Connection
from chassis.kafka.freshness import FreshUntil

NOTE = """
INSERT INTO replica_freshness (source, fresh_until) VALUES (%s, %s)
ON DUPLICATE KEY UPDATE fresh_until = GREATEST(fresh_until, %s)
"""

_SELECT = """
SELECT moment, source, fresh_until FROM (SELECT UTC_TIMESTAMP(6) AS moment) AS clock LEFT JOIN replica_freshness ON TRUE
"""


@dataclass(frozen=True)
class Freshness:
    """The time up to which the replica is complete, by source, read at `moment`. Times are MySQL's, in UTC."""

    moment: datetime
    fresh_until: Mapping[str, datetime]

    def is_fresh(self, source: str, since: datetime) -> bool:
        """Whether the replica has all commits of the source up to `since`."""
        return self.fresh_until.get(source, datetime.min) >= since

    def has_stalled(self, source: str, after_s: float) -> bool:
        """Whether the replica has received nothing from the source for `after_s` seconds."""
        return self.fresh_until.get(source, self.moment) < self.moment - timedelta(seconds=after_s)


async def note(tx: Connection, fresh: FreshUntil) -> None:
    """Store the freshness; it never decreases."""
    await tx.execute(NOTE, (fresh.source, fresh.moment, fresh.moment))


async def forget(tx: Connection) -> None:
    """Delete the freshness, because the replica is filled again from the beginning."""
    await tx.execute("DELETE FROM replica_freshness")


async def read(connection: Connection) -> Freshness:
    """Read the freshness. Later reads of the replica are at least as fresh."""
    rows = await connection.fetch_all(_SELECT)
    return Freshness(rows[0]["moment"], {row["source"]: row["fresh_until"] for row in rows if row["source"]})
