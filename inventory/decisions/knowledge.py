"""What a decision needs beside the units, and what changes rarely: the stores, and the SKUs that are not tracked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from chassis.databases.cached_value import CachedValue
from chassis.databases.mysql import Connection, Database, Row
from inventory.decisions.places import Place, Store, coordinate
from inventory.decisions.policies import ANY, Policy
from inventory.settings import STORE_STALE_S
from inventory.times import now

CACHED_FOR_S = 1.0

_STORES = """
SELECT store_id, country, region, city, latitude, longitude, priority, sells_online, fresh_until FROM store
"""
_POLICIES = "SELECT policy_id, tracked, safety_margin FROM stock_policy"


@dataclass(frozen=True)
class Knowledge:
    """The stores by id, and by id the policies that say which SKUs are not tracked."""

    stores: Mapping[str, Store]
    policies: Mapping[str, Policy]


def is_stale(fresh_until: datetime | None, moment: datetime) -> bool:
    """Whether a store was last heard of too long ago."""
    return fresh_until is None or moment - fresh_until > timedelta(seconds=STORE_STALE_S)


def place_of(row: Row) -> Place:
    """Where a store is, as its row says."""
    latitude, longitude = coordinate(row["latitude"]), coordinate(row["longitude"])
    return Place(row["country"], row["region"], row["city"], latitude, longitude)


async def read_knowledge(connection: Connection) -> Knowledge:
    """What the tables say now."""
    moment = now()
    stores = await connection.fetch_all(_STORES)
    policies = await connection.fetch_all(f"{_POLICIES} WHERE tracked = FALSE")
    if any(row["policy_id"] == f"{ANY}/{ANY}" for row in policies):  # then those that are tracked are the exceptions
        policies = await connection.fetch_all(_POLICIES)
    return Knowledge(
        {
            row["store_id"]: Store(
                row["store_id"],
                place_of(row),
                row["priority"],
                bool(row["sells_online"]),
                is_stale(row["fresh_until"], moment),
            )
            for row in stores
        },
        {row["policy_id"]: Policy(bool(row["tracked"]), row["safety_margin"]) for row in policies},
    )


class CachedKnowledge(CachedValue[Knowledge]):
    """Read once a second, while it is used."""

    def __init__(self, database: Database) -> None:
        async def read() -> Knowledge:
            async with database.reading() as connection:
                return await read_knowledge(connection)

        super().__init__(read, CACHED_FOR_S)

    def forget(self) -> None:
        """Read again at the next call."""
        self._value = None
        self._read_at = -inf
