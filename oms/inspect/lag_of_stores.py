"""Reads how far each store is behind what central wants of it and what is sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chassis import settings
from chassis.databases.mysql import Database
from contracts.catalogue import CONSUMED
from oms.inspect.step import Step
from oms.terminal import reason
from reconciliation.stock.databases import read_positions, stores
from reconciliation.stock.reading import Unread, unread

TOPICS = tuple(topic for topic in CONSUMED if "stores" in topic.readers)
"""The topics that are keyed by store."""

Numbers = Mapping[str, Sequence[int]]
"""The numbers of the partitions of each topic."""


async def steps_of_stores(
    consumer: AIOKafkaConsumer, database: str, numbers: Numbers, beat: datetime | None
) -> list[Step]:
    """A step from the database for each store; one without a time if a topic is missing or MySQL is unavailable."""
    name = f"{' '.join(topic.name for topic in TOPICS)} → store"
    if missing := [topic.name for topic in TOPICS if not numbers.get(topic.name)]:
        return [Step(database, name, None, 0, f"{' and '.join(missing)} missing: run oms topics create")]
    try:
        found = await unread_of_stores(consumer, numbers)
    except KafkaError:
        raise
    except Exception as error:  # the other steps are shown all the same
        return [Step(database, name, None, 0, f"mysql is unavailable: {reason(error)}")]
    return [_step(database, f"{name} {store}", [*left.values()], beat) for store, left in found.items()]


def _step(database: str, name: str, left: Sequence[Unread], beat: datetime | None) -> Step:
    since = min((each.since for each in left if each.since), default=beat)
    return Step(database, name, since, sum(each.records for each in left))


async def unread_of_stores(consumer: AIOKafkaConsumer, numbers: Numbers) -> dict[str, dict[str, Unread]]:
    """What each store has not read, by topic; topics that are missing are left out. A store is no consumer group.

    Raises KafkaError, Unavailable and SettingMissing.
    """
    topics = [topic for topic in TOPICS if numbers.get(topic.name)]
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            places = await stores(connection)
            passed = {
                (each.store_id, topic.name): await read_positions(connection, each, topic)
                for each in places
                for topic in topics
            }
    finally:
        await database.close()
    return {
        each.store_id: {
            topic.name: await unread(
                consumer, each.store_id, passed[each.store_id, topic.name], len(numbers[topic.name]), topic
            )
            for topic in topics
        }
        for each in places
    }
