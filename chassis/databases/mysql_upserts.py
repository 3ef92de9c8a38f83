"""Rows of which some are there already, written in one statement: in MySQL's spelling of it, and in MariaDB's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from chassis.databases.mysql import Connection

_MOST_ROWS = 500
"""In one statement, which must fit into the server's max_allowed_packet."""

_NAMES_NEW_ROWS = (8, 0, 19)
"""The first MySQL that has `AS new` and calls VALUES() deprecated. MariaDB knows only VALUES()."""


async def write_newer(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write each row, unless the one here with its key has its version or a newer one.

    A row has a value for each of `columns`: the key first, `version` last.
    """
    beginning, ending = _spelt(table, tuple(columns), tx.server_version)
    row = f"({', '.join(['%s'] * len(columns))})"
    for first in range(0, len(rows), _MOST_ROWS):
        some = rows[first : first + _MOST_ROWS]
        values = ", ".join([row] * len(some))
        await tx.execute(f"{beginning} {values} {ending}", [value for each in some for value in each])


@cache
def _spelt(table: str, columns: Sequence[str], server_version: str) -> tuple[str, str]:
    """What stands before the rows and behind them."""
    _, *others, version = columns
    alias, new = ("AS new ", "new.{}") if _names_new_rows(server_version) else ("", "VALUES({})")

    def newer(column: str) -> str:
        return f"IF({table}.{version} < {new.format(version)}, {new.format(column)}, {table}.{column})"

    # Columns are set from left to right, so the version, which guards the others, comes last.
    changes = ", ".join(f"{column} = {newer(column)}" for column in [*others, version])
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES", f"{alias}ON DUPLICATE KEY UPDATE {changes}"


def _names_new_rows(server_version: str) -> bool:
    """Of a server that is not understood, the old spelling is expected: every one takes it so far."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", server_version)
    if numbers is None or "mariadb" in server_version.lower():
        return False
    return tuple(map(int, numbers.groups())) >= _NAMES_NEW_ROWS
