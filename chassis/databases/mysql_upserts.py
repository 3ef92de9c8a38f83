"""Upserts of many rows in one statement, in the syntax of MySQL and of MariaDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from chassis.databases.mysql import Connection

_MAX_ROWS = 500
"""Per statement, which must fit into max_allowed_packet."""

_NAMES_NEW_ROWS = (8, 0, 19)
"""The first MySQL with `AS new`, where VALUES() is deprecated. MariaDB supports only VALUES()."""


async def write_newer(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write each row, unless the stored row with its key has the same or a newer version.

    A row has a value for each of `columns`: the key first, `version` last.
    """
    for sql, values in _statements(tx, table, columns, rows):
        await tx.execute(sql, values)


def write_newer_later(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Like `write_newer`, in the same round trip as the next statement or the commit."""
    for sql, values in _statements(tx, table, columns, rows):
        tx.later(sql, values)


def overwrite_later(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write each row, whatever is stored, in the same round trip as the next statement or the commit.

    A row that exists gets the version after the stored one; of its own version only a new row makes use. For rows that
    the transaction may change because of a lock, be it on another row.
    """
    for sql, values in _statements(tx, table, columns, rows, overwrites=True):
        tx.later(sql, values)


def _statements(
    tx: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, overwrites: bool = False
) -> Iterator[tuple[str, list[object]]]:
    beginning, ending = _statement(table, tuple(columns), tx.server_version, overwrites=overwrites)
    row = f"({', '.join(['%s'] * len(columns))})"
    for first in range(0, len(rows), _MAX_ROWS):
        some = rows[first : first + _MAX_ROWS]
        values = ", ".join([row] * len(some))
        yield f"{beginning} {values} {ending}", [value for each in some for value in each]


@cache
def _statement(table: str, columns: Sequence[str], server_version: str, *, overwrites: bool) -> tuple[str, str]:
    """The statement before and after the rows."""
    _, *others, version = columns
    alias, new = ("AS new ", "new.{}") if _names_new_rows(server_version) else ("", "VALUES({})")

    def newer(column: str) -> str:
        return f"IF({table}.{version} < {new.format(version)}, {new.format(column)}, {table}.{column})"

    # Columns are assigned from left to right, so the version, which the others compare, comes last.
    changes = ", ".join(f"{column} = {newer(column)}" for column in [*others, version])
    if overwrites:
        changes = ", ".join(
            [*(f"{column} = {new.format(column)}" for column in others), f"{version} = {table}.{version} + 1"]
        )
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES", f"{alias}ON DUPLICATE KEY UPDATE {changes}"


def _names_new_rows(server_version: str) -> bool:
    """Unknown servers get the old syntax, which all versions accept so far."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", server_version)
    if numbers is None or "mariadb" in server_version.lower():
        return False
    return tuple(map(int, numbers.groups())) >= _NAMES_NEW_ROWS
