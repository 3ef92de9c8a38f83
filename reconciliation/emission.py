"""Publishes one row again: with a higher version, or as deleted where MySQL has no such row.

For a row that MySQL has, raising its version is enough: Debezium reads it from the binlog like any change. For a row
that MySQL does not have, the deletion is written to the topic here, as Kafka Connect would write it: the only exception
to the rule of one writer per topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from time import time
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
import pymysql
from aiokafka import AIOKafkaProducer

from chassis.databases.mysql import Connection
from contracts.products import ProductRow
from contracts.rows import Row, columns
from contracts.topics import Kind as TopicKind
from contracts.topics import Topic
from reconciliation.rows import Values
from reconciliation.tables import Lines, Table
from search.documents import document

_NAMED: Mapping[str, str] = {
    "currency": "USD",
    "status": "placed",
    "categories": "[]",
    "delivery_addresses": "[]",
    "lines": "[]",
    "parcels": "[]",
    "tracking": "[]",
    "vans": "[]",
    "available_at": "[]",
}
"""Values of text columns that must be readable."""

_BLANKS: Mapping[type, Any] = {
    UUID: UUID(int=0),
    Decimal: "0",
    datetime: datetime(1970, 1, 1, tzinfo=UTC),
    bool: 0,
    int: 0,
    str: "",
}


async def raise_version(connection: Connection, table: Table, key: str, seen: int) -> bool:
    """Raise a row's version above `seen`, the highest of any view. False when MySQL has no such row."""
    if not table.can_have(key):
        return False
    sql = f"UPDATE `{table.database}`.`{table.name}` SET version = GREATEST(version, %s) + 1 WHERE `{table.key}` = %s"
    return await connection.execute(sql, [seen, key]) == 1


async def raise_lines(connection: Connection, table: Table, lines: Lines, key: str, seen: int) -> None:
    """Raise the versions of an order's lines above `seen`, the highest of its lines in any view.

    All of them, so that the order can be put together even where the view has lost it.
    """
    sql = f"""
        UPDATE `{table.database}`.`{lines.topic.name}` AS line
        JOIN `{table.database}`.`{table.name}` AS owner USING (order_id, lines_version)
        SET line.version = GREATEST(line.version, %s) + 1 WHERE owner.`{table.key}` = %s
    """
    await connection.execute(sql, [seen, key])


async def note_deletion(connection: Connection, table: Table, key: str, seen: int) -> None:
    """Record the version of the deletion for the service: a row created again under this key starts above it."""
    keys = table.deleted_keys
    if keys is None or not table.can_have(key):
        return
    sql = f"""
        INSERT INTO `{table.database}`.`{keys.table}` (`{keys.key}`, version) VALUES (%s, %s)
        ON DUPLICATE KEY UPDATE version = GREATEST(version, %s)
    """
    try:
        await connection.execute(sql, [key, seen + 1, seen + 1])
    except pymysql.err.DataError:
        return  # the key is longer than the column: no row can have it


async def send_deletion(
    producer: AIOKafkaProducer, topic: Topic[Any], key: str, seen: int, values: Values, fixed: Values | None = None
) -> None:
    """Publish the deletion of a row, with a version above `seen`, and wait for the broker.

    `values` are the columns that a view has of the row, as far as they are known. `fixed` ones are sent in any case.
    """
    record = deletion(topic, key, seen, values, fixed)
    record_key = msgspec.json.encode({topic.key: record[topic.key]})
    await producer.send_and_wait(topic.name, key=record_key, value=msgspec.json.encode(record))
    if topic.kind is TopicKind.STATE:
        await producer.send_and_wait(topic.name, key=record_key, value=None)


def deletion(topic: Topic[Any], key: str, seen: int, values: Values, fixed: Values | None = None) -> dict[str, Any]:
    """The record of a deletion: columns as they were, or blank where they are unusable; personal columns are blank.

    Raises ValueError for a key that the topic cannot have.
    """
    row: type[Row] = topic.message
    types, names = get_type_hints(row), columns(row)
    blank = {name: _blank(name, types[name]) for name in names}
    ours = {**(fixed or {}), topic.identity: key, **row.PERSONAL, "version": seen}
    marks = {"__deleted": "true", "__op": "d", "__source_ts_ms": int(time() * 1000)}
    known = {name: int(value) if value is True or value is False else value for name, value in values.items()}
    known = {name: value for name, value in known.items() if name in names}
    for candidate in ({**blank, **known, **ours, **marks}, {**blank, **ours, **marks}):
        if _is_readable(topic, candidate):
            return candidate
    raise ValueError(f"{topic.name} {key} cannot be a key of the topic")


def _is_readable(topic: Topic[Any], record: dict[str, Any]) -> bool:
    try:
        row = topic.decoder()(msgspec.json.encode(record))
        if isinstance(row, ProductRow):
            document(row)
    except (ValueError, ArithmeticError):
        return False
    return True


def _blank(name: str, annotation: Any) -> Any:
    types = {annotation, *get_args(annotation)}
    if type(None) in types:
        return None
    return _NAMED[name] if name in _NAMED else next(_BLANKS[kind] for kind in types if kind in _BLANKS)
