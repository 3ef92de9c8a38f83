"""The joined documents of whole orders, made of the rows of the read model.

Python puts the rows together: Postgres needs four times as long when it builds the JSON, which Python had to read then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from chassis.databases.postgres import PoolConnection
from contracts.orders import GraphAddress, GraphCustomer, GraphLine, OrderGraph, read_addresses
from orders_stream.repository import is_whole

LinesOf = tuple[UUID, int]
"""An order's id and its `lines_version`."""


def _selected(document: type[msgspec.Struct], alias: str, but: Collection[str]) -> str:
    """The fields of a document as columns. Amounts come as text: asyncpg is slow at numeric."""
    fields = [field for field in msgspec.structs.fields(document) if field.name not in but]
    return ", ".join(
        f"{alias}.{each.name}::text" if each.type is Decimal else f"{alias}.{each.name}" for each in fields
    )


def _amounts(document: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(document) if field.type is Decimal]


ORDERS = f"""
SELECT o.order_id AS id, {_selected(OrderGraph, "o", ("id", "customer", "lines"))},
    coalesce(c.version, 0) AS customer_version,
    c.customer_id IS NOT NULL AND NOT c.deleted AND NOT o.deleted AS is_named, {_selected(GraphCustomer, "c", ("id",))},
    o.delivery_addresses::text, o.lines_version, o.is_kept, o.is_to_publish
FROM (
    SELECT shown.*, false AS is_kept, true AS is_to_publish
    FROM shown_order AS shown WHERE shown.order_id = ANY($1::uuid[])
    UNION ALL
    SELECT kept.*, true, kept.version < shown.version AND {is_whole("kept")}
    FROM unpublished_order AS kept JOIN shown_order AS shown ON shown.order_id = kept.order_id
    WHERE kept.order_id = ANY($1::uuid[]) AND kept.version <= shown.version
) AS o
LEFT JOIN customer AS c ON c.customer_id = o.customer_id
ORDER BY o.order_id, o.version
"""

# Lines never change, so they are those of the rows that were read before, whoever has written meanwhile.
LINES = f"""
SELECT l.order_id, l.lines_version, l.order_line_id AS id, {_selected(GraphLine, "l", ("id", "delivery_address"))}
FROM unnest($1::uuid[], $2::bigint[]) AS o (order_id, lines_version)
JOIN order_line AS l USING (order_id, lines_version)
WHERE NOT l.deleted
ORDER BY l.order_id, l.line_number
"""

OUTDATED = """
SELECT o.order_id
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS told (order_id, version, customer_version)
JOIN shown_order AS o USING (order_id)
LEFT JOIN customer AS c ON c.customer_id = o.customer_id
WHERE o.version > told.version OR coalesce(c.version, 0) <> told.customer_version
"""

_AMOUNTS_OF_ORDER = _amounts(OrderGraph)
_AMOUNTS_OF_LINE = _amounts(GraphLine)
_NOT_PUBLISHED = ("lines_version", "is_kept", "is_to_publish")
_OF_CUSTOMER = [name for name in GraphCustomer.__struct_fields__ if name != "id"]


class Joined(NamedTuple):
    """An order as others are told of it, and which version of its customer that is; 0 before one was heard of."""

    order: OrderGraph
    customer_version: int


class Whole(NamedTuple):
    """What others are to be told of some orders: each version that they may not have been told, by order and version.

    The last one of each order is the shown one. Of those in `kept` there are versions in the table `unpublished_order`
    which nobody needs once these are published.
    """

    joined: list[Joined]
    kept: frozenset[UUID]

    @property
    def newest(self) -> list[Joined]:
        """The shown version of each order."""
        return list({each.order.id: each for each in self.joined}.values()) if self.kept else self.joined


NOTHING = Whole([], frozenset())


async def whole_orders(connection: PoolConnection, orders: Collection[UUID]) -> Whole:
    """The joined documents of those orders that are shown."""
    rows = await connection.fetch(ORDERS, orders) if orders else []
    kept = frozenset(row["id"] for row in rows if row["is_kept"])
    rows = [row for row in rows if row["is_to_publish"]] if kept else rows
    lines_of = await _lines(connection, rows)
    return Whole([_joined(dict(row), lines_of) for row in rows], kept)


async def _lines(connection: PoolConnection, orders: Sequence[asyncpg.Record]) -> dict[LinesOf, list[asyncpg.Record]]:
    wanted = {(row["id"], row["lines_version"]) for row in orders if not row["deleted"]}
    lines = await connection.fetch(LINES, *map(list, zip(*wanted, strict=True))) if wanted else []
    lines_of: dict[LinesOf, list[asyncpg.Record]] = {}
    for line in lines:
        lines_of.setdefault((line["order_id"], line["lines_version"]), []).append(line)
    return lines_of


async def outdated(connection: PoolConnection, told: Sequence[Joined]) -> list[UUID]:
    """Those of these orders of which a newer version is shown by now, or whose customer has another version."""
    columns = [(each.order.id, each.order.version, each.customer_version) for each in told]
    rows = await connection.fetch(OUTDATED, *map(list, zip(*columns, strict=True))) if told else []
    return [row["order_id"] for row in rows]


def _joined(values: dict[str, Any], lines_of: Mapping[LinesOf, Sequence[asyncpg.Record]]) -> Joined:
    lines_version, *_ = [values.pop(name) for name in _NOT_PUBLISHED]
    lines = () if values["deleted"] else lines_of.get((values["id"], lines_version), ())
    customer_version = values.pop("customer_version")
    said = {name: values.pop(name) for name in _OF_CUSTOMER}
    customer = GraphCustomer(id=values["customer_id"], **said) if values.pop("is_named") else None
    places = _addresses(values.pop("delivery_addresses"))
    for name in _AMOUNTS_OF_ORDER:
        values[name] = Decimal(values[name])
    order = OrderGraph(**values, customer=customer, lines=[_line(dict(line), places) for line in lines])
    return Joined(order, customer_version)


def _line(values: dict[str, Any], places: dict[UUID, GraphAddress]) -> GraphLine:
    del values["order_id"], values["lines_version"]
    for name in _AMOUNTS_OF_LINE:
        values[name] = Decimal(values[name])
    return GraphLine(**values, delivery_address=places.get(values["delivery_address_id"]))


def _addresses(said: str) -> dict[UUID, GraphAddress]:
    """Where lines of the order go, from their JSON."""
    return {
        each.address_id: GraphAddress(**{name: getattr(each, name) for name in GraphAddress.__struct_fields__})
        for each in read_addresses(said)
    }
