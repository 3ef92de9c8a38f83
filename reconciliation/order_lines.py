"""The lines of an order, which are compared with it as if they were one of its columns, `lines`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from reconciliation.rows import RowState, Values, comparable
from reconciliation.tables import OF_ORDER, Lines

Line = Mapping[str, Any]

# As JSON: a prepared statement that returns the composite type fails once `oms rebuild` has swapped the schemas.
DERIVED_COLUMNS = ("array_to_json(lines)::text AS lines", "skus", "countries")
"""SQL of an order's lines in the read model, and of what derives from them and from the delivery addresses."""

read_lines = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal).decode
"""Decode lines as selected."""


def with_lines(orders: Mapping[str, RowState], lines: Lines, rows: Sequence[Line]) -> dict[str, RowState]:
    """Orders of MySQL with the column `lines`: the values of each line, sorted by line number."""
    of_order: dict[str, list[Line]] = {order_id: [] for order_id in orders}
    for row in sorted(rows, key=lambda row: int(row["line_number"])):
        if row["order_id"] in of_order:  # not the lines of an order that was inserted since the orders were read
            of_order[row["order_id"]].append(_values(lines, row))
    return {
        order_id: replace(order, values={**(order.values or {}), "lines": tuple(of_order[order_id])})
        for order_id, order in orders.items()
    }


def derived_columns(lines: Lines, order: Mapping[str, Any], stored: Sequence[Line]) -> Values:
    """The column `lines` of an order of the read model, as stored; with other derived columns if they are wrong."""
    there = [line for line in stored if not line["deleted"]]
    found: dict[str, Any] = {"lines": tuple(_values(lines, line) for line in there)}
    if set(order["skus"]) != {line["sku"] for line in there}:
        found["skus"] = order["skus"]
    if set(order["countries"]) != _countries(order["delivery_addresses"]):
        found["countries"] = order["countries"]
    return found


class Surplus(NamedTuple):
    """A line that MySQL does not have, and that a repair deletes: its columns, and those of its order."""

    values: Line
    of_order: Line


def surplus_lines(order: Values, seen: Sequence[Values]) -> list[Surplus]:
    """The lines of an order that only a view has, and one for each line that was deleted from MySQL by hand.

    The latter since an order counts as complete only with as many lines as it was placed with, and a view that has lost
    the order has also lost the deletion.
    """
    ids, numbers = ({line[name] for line in order["lines"]} for name in ("order_detail_id", "line_number"))
    of_order = {name: order[name] for name in OF_ORDER}
    invented = [
        line
        for there in seen
        for line in there["lines"]
        if there["lines_version"] == order["lines_version"] and line["order_detail_id"] not in {*ids, None}
    ]
    deleted = [
        {"order_detail_id": _id_of_deleted(order, number), "line_number": number, "version": 1}
        for number in range(1, order["line_count"] + 1)
        if number not in numbers
    ]
    return [Surplus(line, {**of_order, "line_number": line["line_number"]}) for line in [*invented, *deleted]]


def _id_of_deleted(order: Values, number: int) -> str:
    return str(uuid5(UUID(order["order_id"]), f"{order['lines_version']}/{number}"))


def _values(lines: Lines, row: Line) -> Line:
    """The compared columns of a line, with their names in MySQL."""
    return {name: comparable(kind, row[_name(lines, row, name)]) for name, kind in lines.columns.items()}


def _name(lines: Lines, row: Line, name: str) -> str:
    return name if name in row else lines.renamed[name]


def _countries(addresses: str) -> set[Any]:
    found = msgspec.json.decode(addresses)
    return {address["country"] for address in found if "country" in address} if isinstance(found, list) else set()
