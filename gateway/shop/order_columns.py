"""The columns that the executor reads of orders: the lines, which may be many, only if a query selects them."""

from __future__ import annotations

from functools import cache

from contracts.orders import OrderRow
from contracts.rows import columns

_OF_LINES = {"lines": "to_json({o}.lines)::text", "delivery_addresses": "{o}.delivery_addresses"}
"""The lines are read as JSON: a connection would have to know the type of a line, which is another after a rebuild."""

_NAMES = [*(name for name in columns(OrderRow) if name not in _OF_LINES), "total"]


@cache
def order_columns(o: str, *, with_lines: bool) -> str:
    """The SQL of the columns of the rows `o`; without lines, the columns that only lines need are NULL."""
    stored = [f"{o}.{name}" for name in _NAMES]
    of_lines = [f"{sql.format(o=o) if with_lines else 'NULL'} AS {name}" for name, sql in _OF_LINES.items()]
    return ", ".join(stored + of_lines)
