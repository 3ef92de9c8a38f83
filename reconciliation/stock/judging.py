"""Whether what was found can be judged: a change in transit, or a store that is away, is no violation."""

from __future__ import annotations

from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.databases.mysql import Connection, Database
from chassis.kafka.client import partitions_of, reader, records_between
from chassis.logs import logger
from contracts.heartbeats import SOURCES
from contracts.inventory.reservations import RESERVATION
from contracts.inventory.restocks import INBOUND
from reconciliation.stock.databases import Place, read_positions
from reconciliation.stock.reading import unread
from reconciliation.stock.rules import Needs

log = logger(__name__)

Wanted = tuple[Needs, Place]
"""What must have happened, and the store of which."""

_FRESH_UNTIL = "SELECT fresh_until FROM inventory.store WHERE store_id = %s"
_BEATS = next(source.heartbeat for source in SOURCES if RESERVATION in source.topics)


async def now(connection: Connection) -> datetime:
    """The time of MySQL, which is that of heartbeats."""
    row = await connection.fetch_one("SELECT UTC_TIMESTAMP(6) AS now")
    assert row is not None, "this statement always has one row"
    return _utc(row["now"])


async def has_happened(database: Database, wanted: Wanted, since: datetime) -> bool:
    """Whether everything from before `since` is processed. Raises Unavailable; without Kafka, nothing is known."""
    needs, place = wanted
    if needs is Needs.HEARD:
        return await _is_heard(database, place, since)
    try:
        return await _has_read(database, place, since)
    except KafkaError as error:
        log.warning("answers of a store are not verified", store=place.store_id, reason=str(error))
        return False


async def _is_heard(database: Database, place: Place, since: datetime) -> bool:
    async with database.reading() as connection:
        row = await connection.fetch_one(_FRESH_UNTIL, [place.store_id])
    return row is not None and row["fresh_until"] is not None and _utc(row["fresh_until"]) > since


async def _has_read(database: Database, place: Place, since: datetime) -> bool:
    async with reader() as consumer:
        beat = await _last_beat(consumer)
        if beat is None or beat <= since:
            return False
        for topic in (RESERVATION, INBOUND):
            partitions = len(await partitions_of([topic.name]))
            async with database.reading() as connection:
                passed = await read_positions(connection, place, topic)
            if (await unread(consumer, place.store_id, passed, partitions, topic)).records:
                return False
        return True


async def _last_beat(consumer: AIOKafkaConsumer) -> datetime | None:
    """The time of the newest heartbeat on the topic: everything that was committed before it is on the topics."""
    partition = TopicPartition(_BEATS.name, 0)
    end = (await consumer.end_offsets([partition]))[partition]
    decode = _BEATS.decoder()
    beat = None
    async for record in records_between(consumer, {partition: max(0, end - 2)}, {partition: end}):
        beat = decode(record.value).beaten_at if record.value else beat
    return beat


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
