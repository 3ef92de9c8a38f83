"""Reads how far each store is behind the reservations of its units."""

from __future__ import annotations

from datetime import datetime

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chassis import settings
from chassis.databases.mysql import Database
from contracts.inventory.reservations import RESERVATION
from oms.inspect.step import Step
from oms.terminal import reason
from reconciliation.stock.databases import read_positions, stores
from reconciliation.stock.reading import Unread, unread


async def steps_of_stores(
    consumer: AIOKafkaConsumer, database: str, partitions: int, beat: datetime | None
) -> list[Step]:
    """A step from the database for each store; one without a time if MySQL is unavailable."""
    name = f"{RESERVATION.name} → store"
    if not partitions:
        return [Step(database, name, None, 0, "its topic is missing: run oms topics create")]
    try:
        found = await unread_of_stores(consumer, partitions)
    except KafkaError:
        raise
    except Exception as error:  # the other steps are shown all the same
        return [Step(database, name, None, 0, f"mysql is unavailable: {reason(error)}")]
    return [Step(database, f"{name} {store}", left.since or beat, left.records) for store, left in found.items()]


async def unread_of_stores(consumer: AIOKafkaConsumer, partitions: int) -> dict[str, Unread]:
    """What each store has not read of the topic, which has so many partitions. A store's reader is no consumer group.

    Raises KafkaError, Unavailable and SettingMissing.
    """
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            passed = {each.store_id: await read_positions(connection, each) for each in await stores(connection)}
    finally:
        await database.close()
    return {store: await unread(consumer, store, offsets, partitions) for store, offsets in passed.items()}
