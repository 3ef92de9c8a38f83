"""The columns that the executor reads of orders: the lines, which may be many, only if a query selects them."""

from __future__ import annotations

from functools import cache

from gateway.fields.fields import columns_of

_OF_LINES = {"lines": "to_json({o}.lines)::text", "delivery_addresses": "{o}.delivery_addresses"}
"""The lines are read as JSON: a connection would have to know the type of a line, which is another after a rebuild."""


@cache
def order_columns(o: str, *, with_lines: bool) -> str:
    """The SQL of the columns of `Order` in the rows `o`; without lines, the columns that only lines need are NULL."""
    from gateway.shop.orders import Order  # its module reads orders by these columns

    names = dict.fromkeys(column.name for column in columns_of(Order).values())
    stored = [f"{o}.{name}" for name in names if name not in _OF_LINES]
    of_lines = [f"{sql.format(o=o) if with_lines else 'NULL'} AS {name}" for name, sql in _OF_LINES.items()]
    return ", ".join(stored + of_lines)
