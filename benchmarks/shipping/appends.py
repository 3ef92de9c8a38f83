"""Connections that append events, each to its own shipment, or that insert bare rows of events. A separate process.

python -m benchmarks.shipping.appends append|bare CONNECTIONS WARM_UP_S SECONDS FIRST

`FIRST` is the number of the first shipment; those of the next connections follow, and are planned already.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

import msgspec
import uvloop
from uuid_utils.compat import uuid7

from benchmarks.clients import Action, busy
from benchmarks.shipping.database import CAUSE, connect, opened
from benchmarks.shipping.histories import just_planned, shipment_id
from benchmarks.shipping.recorder import Recorder
from chassis.databases.mysql import Database
from shipping.events import streams
from shipping.shipments import repository
from shipping.shipments.events import AddressCorrected
from shipping.shipments.repository import Stored
from shipping.times import now

BARE = "bare:"
"""With it begin the streams of bare rows."""

_CITIES = ("Berlin", "Potsdam")


def _corrected(version: int, moment: datetime) -> AddressCorrected:
    """An event that leaves the shipment as large as it was."""
    return AddressCorrected(city=_CITIES[version % 2], region=None, country="DE", at=moment)


def appender(shipping: Database, number: int) -> Action:
    """Appends an event and writes the row it leads to, in a transaction."""
    shipment = Stored(just_planned(number))

    async def append() -> None:
        nonlocal shipment
        moment = now()
        async with shipping.transaction() as tx:
            event = _corrected(shipment.version, moment)
            shipment = repository.append_later(tx, shipment, [event], CAUSE, moment)

    return append


async def inserter(number: int) -> Action:
    """Inserts the row of the same event, by plain aiomysql, with values that are ready but for its key."""
    connection, recorder, moment, sequence = await connect(), Recorder(), now(), 0
    stream = f"{BARE}{shipment_id(number)}"
    streams.append_later(recorder.connection(), stream, 0, [_corrected(0, moment)], CAUSE, moment)
    [(sql, (_, _, _, *others))] = recorder.statements

    async def insert() -> None:
        nonlocal sequence
        sequence += 1
        async with connection.cursor() as cursor:
            await cursor.execute(sql, [stream, sequence, str(uuid7()), *others])

    return insert


async def main() -> None:
    """Print the measurement as JSON."""
    kind = sys.argv[1]
    connections, warm_up_s, seconds, first = (int(each) for each in sys.argv[2:])
    numbers = range(first, first + connections)
    os.environ["OMS_MYSQL_POOL_SIZE"] = str(connections)
    async with opened() as shipping:
        if kind == "append":
            actions = [appender(shipping, number) for number in numbers]
        else:
            actions = [await inserter(number) for number in numbers]
        measure = await busy(kind, actions, warm_up_s=warm_up_s, seconds=seconds)
    print(msgspec.json.encode(measure).decode())


if __name__ == "__main__":
    uvloop.run(main())
