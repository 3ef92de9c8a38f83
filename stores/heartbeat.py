"""The sign of life of a store: a row that its process writes every few seconds, and the units in its metrics."""

from __future__ import annotations

import asyncio

from prometheus_client import Gauge

from chassis.databases.mysql import Database
from chassis.logs import logger
from stores.settings import BEAT_S

log = logger(__name__)

UNITS = Gauge("oms_stock_units", "Units in the store: on_hand, and of them unsellable and committed", ["store", "kind"])

_BEAT = """
INSERT INTO store_heartbeat (store_id, beaten_at, version) VALUES (%s, UTC_TIMESTAMP(6), 1)
ON DUPLICATE KEY UPDATE beaten_at = UTC_TIMESTAMP(6), version = version + 1
"""
_SUMS = """
SELECT COALESCE(SUM(on_hand), 0) AS on_hand, COALESCE(SUM(unsellable), 0) AS unsellable,
    COALESCE(SUM(committed), 0) AS committed
FROM stock
"""


async def beat_forever(database: Database, store_id: str) -> None:
    """Beat every `OMS_STORE_BEAT_S` seconds. A beat that fails is logged; the next one follows as always."""
    while True:
        try:
            await beat(database, store_id)
        except Exception as error:
            log.warning("heartbeat not written", reason=repr(error))
        await asyncio.sleep(BEAT_S)


async def beat(database: Database, store_id: str) -> None:
    """Write one sign of life, and set the metrics. Raises Unavailable."""
    async with database.reading() as connection:
        await connection.execute(_BEAT, [store_id])
        sums = await connection.fetch_one(_SUMS)
    for kind, units in (sums or {}).items():
        UNITS.labels(store_id, kind).set(int(units))
