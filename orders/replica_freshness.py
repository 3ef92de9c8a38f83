"""How fresh the replica of `orders` is: what is not in it may be on its way, or is known not to exist."""

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
    """Until when the replica has everything, by source; `moment` is when that was read. Times are MySQL's, in UTC."""

    moment: datetime
    fresh_until: Mapping[str, datetime]

    def is_fresh(self, source: str, since: datetime) -> bool:
        """Whether the replica holds all that the source had committed by then."""
        return self.fresh_until.get(source, datetime.min) >= since

    def stands_still(self, source: str, after_s: float) -> bool:
        """Whether the replica has heard nothing of the source for so long."""
        return self.fresh_until.get(source, self.moment) < self.moment - timedelta(seconds=after_s)


async def note(tx: Connection, fresh: FreshUntil) -> None:
    """Keep how fresh the replica is; it never goes back."""
    await tx.execute(NOTE, (fresh.source, fresh.moment, fresh.moment))


async def forget(tx: Connection) -> None:
    """The replica is filled anew: until its worker has heard so, it is not known to be fresh."""
    await tx.execute("DELETE FROM replica_freshness")


async def read(connection: Connection) -> Freshness:
    """How fresh the replica is. What is looked up in it later is at least as fresh."""
    rows = await connection.fetch_all(_SELECT)
    return Freshness(rows[0]["moment"], {row["source"]: row["fresh_until"] for row in rows if row["source"]})
