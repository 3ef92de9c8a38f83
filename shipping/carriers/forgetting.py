"""Forgets the tracking numbers of erased customers, and what carriers report of them from then on.

A number itself is personal. 32 bits of its digest are not: many numbers have the same. A message about one of those is
forgotten by mistake only if it comes before its parcel has the number, once in 4 billion for each forgotten number.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from chassis.databases.mysql import Connection
from chassis.databases.mysql_times import stored

KEPT = timedelta(days=365)
"""How long a carrier may report something of a parcel of an erased customer."""

_DIGEST = """
CONVERT(LEFT(SHA2(CONCAT({0}.carrier, '/', {0}.tracking_number), 256), 8) USING ascii) COLLATE ascii_bin
"""

_NOTE = f"""
INSERT INTO forgotten_number (carrier, digest, forgotten_at)
SELECT parcel.carrier, {_DIGEST.format("parcel")}, %s FROM tracking_number AS parcel WHERE parcel.shipment_id = %s
ON DUPLICATE KEY UPDATE forgotten_at = forgotten_number.forgotten_at
"""
_FORGET = "DELETE FROM tracking_number WHERE shipment_id = %s"
_FORGET_MESSAGES = """
DELETE carrier_message FROM carrier_message JOIN tracking_number USING (carrier, tracking_number)
WHERE tracking_number.shipment_id = %s AND carrier_message.shipment_id IS NULL
"""
_IS_FORGOTTEN = """
SELECT EXISTS (SELECT 1 FROM forgotten_number WHERE carrier = %s AND digest = %s)
    AND NOT EXISTS (SELECT 1 FROM tracking_number WHERE carrier = %s AND tracking_number = %s) AS is_forgotten
"""
_SWEEP_MESSAGES = f"""
DELETE carrier_message FROM carrier_message JOIN forgotten_number
    ON forgotten_number.carrier = carrier_message.carrier
    AND forgotten_number.digest = {_DIGEST.format("carrier_message")}
WHERE carrier_message.shipment_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM tracking_number AS parcel
    WHERE parcel.carrier = carrier_message.carrier AND parcel.tracking_number = carrier_message.tracking_number
)
"""
_SWEEP = "DELETE FROM forgotten_number WHERE forgotten_at < %s LIMIT %s"


def forget_numbers_later(tx: Connection, shipment_id: UUID, moment: datetime) -> None:
    """Remove the numbers of a locked shipment, and what waits for them, together with the next statement."""
    tx.later(_NOTE, [stored(moment), str(shipment_id)])
    tx.later(_FORGET_MESSAGES, [str(shipment_id)])
    tx.later(_FORGET, [str(shipment_id)])


async def is_forgotten(connection: Connection, carrier: str, tracking_number: str) -> bool:
    """Whether this was the number of a parcel of an erased customer, and is that of no other one."""
    digest = sha256(f"{carrier}/{tracking_number}".encode()).hexdigest()[:8]
    row = await connection.fetch_one(_IS_FORGOTTEN, [carrier, digest, carrier, tracking_number])
    return row is not None and bool(row["is_forgotten"])


async def forget_message(connection: Connection, carrier: str, event_id: str) -> None:
    """Delete a message that waits."""
    sql = "DELETE FROM carrier_message WHERE carrier = %s AND event_id = %s AND shipment_id IS NULL"
    await connection.execute(sql, [carrier, event_id])


async def sweep(connection: Connection, moment: datetime, most: int) -> None:
    """Delete messages about forgotten numbers that a process that ended left behind, and digests that are old."""
    await connection.execute(_SWEEP_MESSAGES)
    await connection.execute(_SWEEP, [stored(moment - KEPT), most])
