"""Tracking numbers: which parcel a carrier means by which."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.databases.mysql import Connection
from shipping.carriers.recording import record_waiting
from shipping.problems import tracking_number_taken
from shipping.shipments.commands import command, with_number
from shipping.shipments.decisions.packing import give_tracking_number
from shipping.shipments.repository import Stored

_HOLDER = """
SELECT shipment_id, parcel_id FROM tracking_number WHERE carrier = %s AND tracking_number = %s FOR UPDATE
"""
_FORGET = "DELETE FROM tracking_number WHERE shipment_id = %s AND parcel_id = %s"
_INSERT = "INSERT INTO tracking_number (carrier, tracking_number, shipment_id, parcel_id) VALUES (%s, %s, %s, %s)"


class Given(NamedTuple):
    """A shipment after a parcel got its number, and when; None if the parcel had it before."""

    after: Stored
    moment: datetime | None


async def give_number(
    tx: Connection, before: Stored, parcel_id: str, carrier: str, number: str, caller: str | None
) -> Given:
    """Give a parcel of a locked shipment a tracking number, and record what the carrier reported of it before.

    Raises `RuleBroken`, and the 409 of a number that another parcel has.
    """
    shipment_id = before.state.shipment_id
    holder = await tx.fetch_one(_HOLDER, [carrier, number])
    if holder and (UUID(holder["shipment_id"]), holder["parcel_id"]) == (shipment_id, parcel_id):
        return Given(before, None)
    if holder:
        raise tracking_number_taken(carrier)
    personal = with_number(before.personal, parcel_id, number)
    after, moment = await command(
        tx, before, lambda it, at: give_tracking_number(it, parcel_id, carrier, at), caller, personal=personal
    )
    tx.later(_FORGET, [str(shipment_id), parcel_id])
    tx.later(_INSERT, [carrier, number, str(shipment_id), parcel_id])
    return Given(await record_waiting(tx, after, carrier, number, parcel_id, moment), moment)
