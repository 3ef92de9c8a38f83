"""The columns that the executor reads of orders: the lines, which may be many, only if a query selects them."""

from __future__ import annotations

from functools import cache

from gateway.fields.fields import columns_of

_OF_LINES = {"lines": "to_json(o.lines)::text", "delivery_addresses": "o.delivery_addresses"}
"""The lines are read as JSON: a connection would have to know the type of a line, which is another after a rebuild."""


@cache
def order_columns(order: type, *, with_lines: bool) -> str:
    """The SQL of the columns of the type `Order` in the rows `o`. Without lines, what only they need is NULL."""
    names = dict.fromkeys(column.name for column in columns_of(order).values())
    stored = [f"o.{name}" for name in names if name not in _OF_LINES]
    of_lines = [f"{sql if with_lines else 'NULL'} AS {name}" for name, sql in _OF_LINES.items()]
    return ", ".join(stored + of_lines)
