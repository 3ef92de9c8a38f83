"""The statements that write rows to the read model: each takes many rows, and is safe to repeat and in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from contracts.customers import ADDRESS, CUSTOMER
from contracts.orders import ORDER, ORDER_DETAIL
from contracts.products import CATEGORY
from contracts.products import PRODUCTS as PRODUCTS_TOPIC
from contracts.rows import JSON_COLUMNS, Row, columns
from contracts.topics import Topic

_TYPES: Mapping[type, str] = {
    str: "text",
    UUID: "uuid",
    bool: "boolean",
    int: "bigint",
    Decimal: "numeric",
    datetime: "timestamptz",
}

# Amounts and JSON travel as text: asyncpg's encoding of Decimals one by one would be most of the cost of a batch.
_AS_TEXT = ("numeric", "jsonb")


class Upsert:
    """An `INSERT … ON CONFLICT` of many rows of a topic, given as one array per column and guarded by their version.

    `table` has the columns of the topic's rows, some of them `renamed`, and `deleted`. A deleted row stays, marked,
    with the version after its last. With `every_version`, each version is a row of its own.
    """

    def __init__(
        self,
        table: str,
        topic: Topic[Any],
        *,
        renamed: Mapping[str, str] | None = None,
        every_version: bool = False,
    ) -> None:
        row: type[Row] = topic.message
        types = {name: _postgres_type(name, kind) for name, kind in columns(row).items()}
        types |= {"version": "bigint", "deleted": "boolean"}
        self._values = [_value(name, kind) for name, kind in types.items()]
        names = [(renamed or {}).get(name, name) for name in types]
        key = (renamed or {}).get(topic.identity, topic.identity)
        self.columns = ", ".join(names)
        """The columns that it writes; a table may have others that Postgres computes."""
        self.assignments = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
        """Of an upsert's `DO UPDATE SET`: all columns but the key."""
        on_conflict = f"""
            ON CONFLICT ({key}) DO UPDATE SET {self.assignments}
            WHERE here.version < excluded.version
        """
        arrays = ", ".join(_array(place, kind) for place, kind in enumerate(types.values(), 1))
        self.sql = f"""
            INSERT INTO {table} AS here ({self.columns})
            SELECT * FROM unnest({arrays})
            {"ON CONFLICT DO NOTHING" if every_version else on_conflict}
        """

    def arrays(self, rows: Sequence[Row]) -> list[list[Any]]:
        """One list of values per column."""
        return [[value(row) for row in rows] for value in self._values]


def _postgres_type(column: str, values: type) -> str:
    return "jsonb" if column in JSON_COLUMNS else _TYPES[values]


def _array(place: int, kind: str) -> str:
    return f"${place}::text[]::{kind}[]" if kind in _AS_TEXT else f"${place}::{kind}[]"


def _value(column: str, kind: str) -> Callable[[Row], Any]:
    get = attrgetter({"version": "newest_version", "deleted": "is_deleted"}.get(column, column))
    if kind not in _AS_TEXT:
        return get

    def as_text(row: Row) -> str | None:
        value = get(row)
        return None if value is None else str(value)

    return as_text


CUSTOMERS = Upsert("customer", CUSTOMER)
ADDRESSES = Upsert("address", ADDRESS)
CATEGORIES = Upsert("category", CATEGORY)
PRODUCTS = Upsert("product", PRODUCTS_TOPIC)
ORDERS = Upsert("heard_order", ORDER)
UNPUBLISHED_ORDERS = Upsert("unpublished_order", ORDER, every_version=True)
ORDER_LINES = Upsert("order_line", ORDER_DETAIL, renamed={"order_detail_id": "order_line_id"})
