"""The shape of every write to the read model: one statement for many rows, safe to repeat and in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from contracts.rows import Row

# Amounts and JSON travel as text: asyncpg's encoding of Decimals one by one would be most of the cost of a batch.
_AS_TEXT = ("numeric", "jsonb")


class Upsert:
    """An `INSERT … ON CONFLICT` of many rows, given as one array per column and guarded by the row's version.

    `columns` maps each column to its Postgres type; a column has the name of the row's attribute unless `named` says
    another. A deleted row stays, marked, with the version after its last. With `every_version`, each version is a row.
    """

    def __init__(
        self,
        table: str,
        columns: Mapping[str, str],
        *,
        named: Mapping[str, str] | None = None,
        every_version: bool = False,
    ) -> None:
        key = next(iter(columns))
        types = {**columns, "version": "bigint", "deleted": "boolean"}
        named = {"version": "newest_version", "deleted": "is_deleted", **(named or {})}
        arrays = ", ".join(_array(place, kind) for place, kind in enumerate(types.values(), 1))
        self._values = [_value(named.get(column, column), kind) for column, kind in types.items()]
        newer = f"""
            ON CONFLICT ({key}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in types if name != key)}
            WHERE here.version < excluded.version
        """
        self.sql = f"""
            INSERT INTO {table} AS here ({", ".join(types)})
            SELECT * FROM unnest({arrays})
            {"ON CONFLICT DO NOTHING" if every_version else newer}
        """

    def arrays(self, rows: Sequence[Row]) -> list[list[Any]]:
        """One list of values per column."""
        return [[value(row) for row in rows] for value in self._values]


def _array(place: int, kind: str) -> str:
    return f"${place}::text[]::{kind}[]" if kind in _AS_TEXT else f"${place}::{kind}[]"


def _value(attribute: str, kind: str) -> Callable[[Row], Any]:
    get = attrgetter(attribute)
    if kind not in _AS_TEXT:
        return get

    def as_text(row: Row) -> str | None:
        value = get(row)
        return None if value is None else str(value)

    return as_text


CUSTOMERS = Upsert(
    "customer",
    {
        "customer_id": "uuid",
        "name": "text",
        "last_name": "text",
        "email": "text",
        "identity_document": "text",
        "phone": "text",
        "company": "text",
        "active": "boolean",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
    },
)

ADDRESSES = Upsert(
    "address",
    {
        "address_id": "uuid",
        "customer_id": "uuid",
        "street_type": "text",
        "street": "text",
        "number": "text",
        "building": "text",
        "department": "text",
        "reference": "text",
        "city": "text",
        "region": "text",
        "postal_code": "text",
        "country": "text",
        "latitude": "numeric",
        "longitude": "numeric",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
    },
)

PRODUCTS = Upsert(
    "product",
    {
        "sku": "text",
        "name": "text",
        "description": "text",
        "price": "numeric",
        "currency": "text",
        "type": "text",
        "length": "numeric",
        "width": "numeric",
        "height": "numeric",
        "weight": "numeric",
        "unit": "text",
        "hierarchies": "jsonb",
        "active": "boolean",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
    },
)

_OF_ORDERS = {
    "order_id": "uuid",
    "external_id": "text",
    "customer_id": "uuid",
    "status": "text",
    "currency": "text",
    "total": "numeric",
    "freight": "numeric",
    "lines_version": "bigint",
    "line_count": "integer",
    "placed_at": "timestamptz",
    "required_at": "timestamptz",
    "shipped_at": "timestamptz",
    "cancelled_at": "timestamptz",
    "cancellation_reason": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "confirmed_at": "timestamptz",
    "delivered_at": "timestamptz",
    "rejected_at": "timestamptz",
    "rejection_reason": "text",
    "erased_at": "timestamptz",
    "delivery_addresses": "jsonb",
    "source": "text",
}

ORDERS = Upsert("heard_order", _OF_ORDERS)

UNPUBLISHED_ORDERS = Upsert("unpublished_order", _OF_ORDERS, every_version=True)

ORDER_LINES = Upsert(
    "order_line",
    {
        "order_line_id": "uuid",
        "order_id": "uuid",
        "lines_version": "bigint",
        "line_number": "integer",
        "sku": "text",
        "product_name": "text",
        "quantity": "integer",
        "unit_price": "numeric",
        "discount": "numeric",
        "amount": "numeric",
        "delivery_address_id": "uuid",
    },
    named={"order_line_id": "order_detail_id"},
)
