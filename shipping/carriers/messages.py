"""The SQL of carriers' messages, each of which is kept once by the carrier's own id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import pymysql

from chassis.databases import mysql_errors
from chassis.databases.mysql import DUPLICATE, Connection, Row, placeholders
from chassis.databases.mysql_times import aware, stored
from contracts.shipping import TrackingEvent

KEPT_DAYS = 30
"""How long a message waits for its tracking number, which is personal."""

_INSERT = """
INSERT INTO carrier_message (carrier, event_id, tracking_number, code, city, country, happened_at, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_HOLDER = """
SELECT shipment_id, parcel_id FROM tracking_number WHERE carrier = %s AND tracking_number = %s LOCK IN SHARE MODE
"""
_WAITING = """
SELECT event_id, code, city, country, happened_at FROM carrier_message
WHERE carrier = %s AND tracking_number = %s AND shipment_id IS NULL ORDER BY happened_at, event_id FOR UPDATE
"""
_DONE = """
UPDATE carrier_message SET shipment_id = %s, tracking_number = NULL WHERE carrier = %s AND event_id IN ({})
"""
_KNOWN_NUMBERS = """
SELECT DISTINCT message.carrier, message.tracking_number FROM carrier_message AS message
JOIN tracking_number AS parcel
    ON parcel.carrier = message.carrier AND parcel.tracking_number = message.tracking_number
WHERE message.shipment_id IS NULL LIMIT %s
"""
_SWEEP = "DELETE FROM carrier_message WHERE shipment_id IS NULL AND received_at < %s LIMIT %s"


class Message(NamedTuple):
    """What a carrier reports of a parcel."""

    carrier: str
    event_id: str
    tracking_number: str
    code: str
    city: str | None
    country: str | None
    happened_at: datetime


class Holder(NamedTuple):
    """The parcel that has a tracking number."""

    shipment_id: UUID
    parcel_id: str


async def insert(connection: Connection, message: Message, moment: datetime) -> bool:
    """Keep a message. False if it was kept before."""
    values = [*message[:-1], stored(message.happened_at), stored(moment)]
    try:
        await connection.execute(_INSERT, values)
    except pymysql.err.IntegrityError as error:
        if mysql_errors.number(error) == DUPLICATE:
            return False
        raise
    return True


async def find_holder(connection: Connection, carrier: str, tracking_number: str) -> Holder | None:
    """The parcel with this number. Waits for a transaction that is giving it to one."""
    row = await connection.fetch_one(_HOLDER, [carrier, tracking_number])
    return Holder(UUID(row["shipment_id"]), row["parcel_id"]) if row else None


async def lock_waiting(tx: Connection, carrier: str, tracking_number: str, parcel_id: str) -> list[TrackingEvent]:
    """The reports that wait for this parcel, the oldest first."""
    return [_event(row, parcel_id) for row in await tx.fetch_all(_WAITING, [carrier, tracking_number])]


def note_recorded_later(tx: Connection, carrier: str, event_ids: Collection[str], shipment_id: UUID) -> None:
    """Note that these messages are recorded, together with the next statement. Their tracking number is removed."""
    tx.later(_DONE.format(placeholders(event_ids)), [str(shipment_id), carrier, *event_ids])


async def find_known_numbers(connection: Connection, most: int) -> Sequence[tuple[str, str]]:
    """Carriers and tracking numbers of messages that wait although a parcel has the number."""
    return [(row["carrier"], row["tracking_number"]) for row in await connection.fetch_all(_KNOWN_NUMBERS, [most])]


async def sweep(connection: Connection, before: datetime, most: int) -> int:
    """Delete messages from before this time whose number no parcel ever had. Returns their number."""
    return await connection.execute(_SWEEP, [stored(before), most])


def _event(row: Row, parcel_id: str) -> TrackingEvent:
    return TrackingEvent(
        at=aware(row["happened_at"]),
        city=row["city"],
        code=row["code"],
        country=row["country"],
        event_id=row["event_id"],
        parcel_id=parcel_id,
    )
