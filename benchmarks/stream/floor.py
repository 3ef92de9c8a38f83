"""The floor: a process that reads the bytes of all records and writes finished rows, without decoding and joining.

The rows are made before the time starts. They are written by the statement of `orders_stream`, as many as the records
of orders that were read, by as many connections as there are partitions. Nothing is published to `orders-graph`.

python -m benchmarks.stream.floor GROUP ORDERS
"""

from __future__ import annotations

import asyncio
import signal
import sys
from itertools import islice
from time import time
from typing import Any, cast

import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.stream import shop
from chassis import addresses
from chassis.databases.postgres import Database, PoolConnection
from contracts.catalogue import CONSUMED
from contracts.orders import ORDER, ORDER_DETAIL
from orders_stream import sales_orders
from orders_stream.merging import Order
from orders_stream.settings import read_model

AT_ONCE = 500
"""Orders of one statement."""

WAITING = 4
"""Batches that wait for a connection."""

Arguments = tuple[Any, ...]


class _Recorder:
    """Records statements instead of executing them."""

    def __init__(self) -> None:
        self.calls: list[Arguments] = []

    async def fetch(self, *call: object) -> list[object]:
        self.calls.append(call)
        return []


async def finished_rows(orders: int) -> list[Arguments]:
    """The statements, with arguments, that write all orders."""
    decode_row, decode_line = ORDER.decoder(), ORDER_DETAIL.decoder()
    recorder, numbers = _Recorder(), iter(range(orders))
    while some := list(islice(numbers, AT_ONCE)):
        made = [shop.order(number) for number in some]
        batch = [Order(decode_row(row), [decode_line(line) for line in lines]) for _, row, lines in made]
        await sales_orders.insert(cast(PoolConnection, recorder), batch)
    return recorder.calls


async def write_for_ever(database: Database, waiting: asyncio.Queue[Arguments]) -> None:
    """Write one batch after the other, each in its own transaction."""
    while True:
        arguments = await waiting.get()
        async with database.connection() as connection:
            await connection.fetch(*arguments)


async def read_for_ever(
    consumer: AIOKafkaConsumer, waiting: asyncio.Queue[Arguments], finished: list[Arguments]
) -> None:
    """Hand on a batch for each `AT_ONCE` records of orders that arrived."""
    arrived, done, batches = 0, 0, iter(finished)
    while True:
        fetched = await consumer.getmany(timeout_ms=200)
        if fetched and not arrived:
            print(f"began {int(time() * 1000)}", flush=True)
        arrived += sum(len(records) for partition, records in fetched.items() if partition.topic == ORDER.name)
        is_last = arrived >= sum(len(arguments[1]) for arguments in finished)
        while done < (len(finished) if is_last else arrived // AT_ONCE):
            await waiting.put(next(batches))
            done += 1


async def main() -> None:
    """Read until SIGTERM."""
    finished = await finished_rows(int(sys.argv[2]))
    database, waiting = read_model(), asyncio.Queue[Arguments](WAITING)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=addresses.address("kafka"), group_id=sys.argv[1], auto_offset_reset="earliest"
    )
    consumer.subscribe([topic.name for topic in CONSUMED])
    await consumer.start()
    tasks = [asyncio.create_task(write_for_ever(database, waiting)) for _ in range(ORDER.partitions)]
    tasks.append(asyncio.create_task(read_for_ever(consumer, waiting, finished)))
    reading = asyncio.gather(*tasks)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        pass
    finally:
        await consumer.stop()
        await database.close()


if __name__ == "__main__":
    uvloop.run(main())
