"""Converts an exported order back to its rows, and compares them with existing ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Row
from chassis.databases.mysql_times import stored
from contracts.customers import AddressRow
from contracts.orders import DeliveryAddress, read_addresses
from orders.bulk.models import ExportedAddress, ExportedLine, ExportedOrder
from orders.imports.replays import OrderDiffers
from orders.placement.rows import FIRST_VERSION, LINE_COLUMNS, ORDER_COLUMNS, as_json, columns_of, source
from orders.refusal import Violation
from orders.statuses.past import NotPossible

HISTORY_COLUMNS = (
    "order_id",
    "to_version",
    "from_version",
    "command",
    "status",
    "caller",
    "reason",
    "happened_at",
)


@dataclass(frozen=True)
class OrderRows:
    """All rows of an order: its row, every line it ever had, and its history, both in order."""

    order: Row
    lines: Sequence[Row]
    history: Sequence[Row]


def rows_of(sent: ExportedOrder) -> OrderRows:
    """The rows of an exported order. Raises TooLarge; NotPossible if it is erased and has personal data."""
    order_id, kept = str(sent.id), sent.exported
    lines = [_line(order_id, kept.lines_version, each) for each in sent.lines]
    lines += [_line(order_id, each.lines_version, each) for each in kept.former_lines]
    order = {
        **columns_of(sent, ORDER_COLUMNS),
        "order_id": order_id,
        "source": source(sent.source),
        "lines_version": kept.lines_version,
        "line_count": len(sent.lines),
        "erased_at": stored(kept.erased_at),
        "delivery_addresses": as_json([_address(each) for each in sent.delivery_addresses], "#/deliveryAddresses"),
    }
    if kept.erased_at:
        _check_is_erased(sent.delivery_addresses)
    history = [{**columns_of(each, HISTORY_COLUMNS), "order_id": order_id} for each in kept.history]
    return OrderRows(
        order,
        sorted(lines, key=lambda line: (line["lines_version"], line["line_number"])),
        sorted(history, key=lambda entry: int(entry["to_version"])),
    )


def check_is_the_same(sent: OrderRows, here: OrderRows) -> None:
    """Compare an exported order with the existing one. A missing number is not compared. Raises OrderDiffers."""
    compared = [name for name in ORDER_COLUMNS if name != "number" or sent.order[name] is not None]
    pointers = [f"#/{to_camel(name)}" for name in _differing(compared, _read(sent.order), _read(here.order))]
    for what, columns, its, theirs in (
        ("lines", LINE_COLUMNS, sent.lines, here.lines),
        ("exported/history", HISTORY_COLUMNS, sent.history, here.history),
    ):
        if len(its) != len(theirs) or any(_differing(columns, *pair) for pair in zip(its, theirs, strict=True)):
            pointers.append(f"#/{what}")
    if pointers:
        raise OrderDiffers([Violation(pointer, "differs from the existing order") for pointer in pointers])


def _line(order_id: str, lines_version: int, line: ExportedLine) -> Row:
    return {
        **columns_of(line, LINE_COLUMNS),
        "order_detail_id": str(line.id),
        "order_id": order_id,
        "lines_version": lines_version,
        "version": FIRST_VERSION,
    }


def _address(address: ExportedAddress) -> DeliveryAddress:
    details = {name: getattr(address, name) for name in DeliveryAddress.__struct_fields__ if name != "address_id"}
    return DeliveryAddress(address_id=address.id, **details)


def _check_is_erased(addresses: Sequence[ExportedAddress]) -> None:
    violations = [
        Violation(f"#/deliveryAddresses/{place}/{to_camel(name)}", "must be null: the customer is erased")
        for place, address in enumerate(addresses)
        for name in AddressRow.PERSONAL
        if getattr(address, name) is not None
    ]
    if violations:
        raise NotPossible(violations)


def _read(order: Row) -> Row:
    return {**order, "delivery_addresses": read_addresses(order["delivery_addresses"])}


def _differing(columns: Iterable[str], one: Row, other: Row) -> list[str]:
    return [name for name in columns if one[name] != other[name]]
