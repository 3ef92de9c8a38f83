"""Lines of orders as Postgres reads and writes them: arrays of the composite type `sales_order_line`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from contracts.orders import OrderDetailRow, OrderRow
from contracts.read_model import read_lines


def text_array(texts: Iterable[str]) -> str:
    """An array of texts as Postgres reads it, without duplicates. Each element is in quotes."""
    quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in dict.fromkeys(texts)]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def line_array(lines: Iterable[OrderDetailRow]) -> str:
    """An array of lines as Postgres reads it; the fields are in the order of the type."""
    return "{" + ",".join([_element(line) for line in lines]) + "}"


def _element(line: OrderDetailRow) -> str:
    # Ids without hyphens: `str` of a UUID takes three times as long. `!s`: formatting takes twice as long as `str`.
    return (
        f'"({line.order_detail_id.int:032x},{line.line_number},{_field(line.sku)},{_field(line.product_name)},'
        f"{line.quantity},{line.unit_price!s},{line.discount!s},{line.amount!s},{line.delivery_address_id.int:032x},"
        f'{line.newest_version},{line.is_deleted!s})"'
    )


def _field(text: str) -> str:
    """A text in quotes, in the text of a composite that is itself in quotes: so all is escaped twice."""
    return '\\"' + text.replace("\\", r"\\\\").replace('"', r"\\\"") + '\\"'


def lines_of(row: OrderRow, json_text: str) -> Sequence[OrderDetailRow]:
    """The lines of an order from the JSON of its column `lines`."""
    return tuple(_line(row, msgspec.structs.asdict(line)) for line in read_lines(json_text))


def _line(row: OrderRow, values: dict[str, Any]) -> OrderDetailRow:
    is_deleted = values.pop("deleted")
    values["version"] -= is_deleted
    return OrderDetailRow(
        order_id=row.order_id,
        lines_version=row.lines_version,
        order_detail_id=values.pop("order_line_id"),
        is_deleted=is_deleted,
        **values,
    )
