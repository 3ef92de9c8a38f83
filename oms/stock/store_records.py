"""Reads what is left of a store outside of its own database: its rows on the topics, and central's rows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from aiokafka import TopicPartition

from chassis import settings
from chassis.databases.mysql import Database, Row
from chassis.kafka.client import partitions_of, reader, records_between
from contracts.inventory.availability import AvailabilityRow
from contracts.rows import Row as ContractRow
from contracts.rows import columns
from contracts.stores import ALLOCATION, RECEIPT, STOCK, STOCK_MOVEMENT
from contracts.topics import Topic
from oms import kafka
from oms.stock.restored import Records

SomeRow = TypeVar("SomeRow", bound=ContractRow)

_LEVELS = f"SELECT {', '.join(columns(AvailabilityRow))} FROM inventory.availability WHERE store_id = %s"
_FRESH = "SELECT fresh_until FROM inventory.store WHERE store_id = %s"


async def read_records(store_id: str) -> Records:
    """The newest record of each row of a store. All of its ledger is in memory, about 1 kB for each movement.

    Raises KafkaError and Unavailable.
    """
    levels, _ = await read_central(store_id)
    return Records(
        stocks=await _newest(STOCK, "stock_id", store_id),
        movements=await _newest(STOCK_MOVEMENT, "movement_id", store_id),
        allocations=await _newest(ALLOCATION, "allocation_id", store_id),
        receipts=await _newest(RECEIPT, "inbound_id", store_id),
        levels=levels,
    )


async def read_central(store_id: str) -> tuple[dict[str, AvailabilityRow], datetime | None]:
    """Central's rows of a store, by the id of the stock, and up to when it has what the store wrote (UTC).

    Raises LookupError for an unknown store, and Unavailable.
    """
    database = Database(settings.mysql("oms_cdc", "OMS_CDC_PASSWORD", None))
    try:
        async with database.reading() as connection:
            levels: list[Row] = list(await connection.fetch_all(_LEVELS, [store_id]))
            store = await connection.fetch_one(_FRESH, [store_id])
    finally:
        await database.close()
    if store is None:
        raise LookupError(store_id)
    return {row["stock_id"]: AvailabilityRow(**row) for row in levels}, store["fresh_until"]


async def _newest(topic: Topic[SomeRow], key: str, store_id: str) -> dict[Any, SomeRow]:
    """The newest record of each row of the store. Those of deletions are left out: a ledger has none."""
    partitions: list[TopicPartition] = await partitions_of([topic.name])
    decode, named = topic.decoder(), f'"{store_id}"'.encode()
    found: dict[Any, SomeRow] = {}
    async with reader() as consumer:
        begins, ends = await kafka.bounds(consumer, partitions)
        async for record in records_between(consumer, begins, ends):
            if record.value is None or named not in record.value:  # most are of other stores: not decoded
                continue
            row = decode(record.value)
            if row.is_deleted or getattr(row, "store_id") != store_id:  # noqa: B009 not a column of all rows
                continue
            identity = getattr(row, key)
            if identity not in found or found[identity].version <= row.version:
                found[identity] = row
    return found
