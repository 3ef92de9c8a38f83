"""The words of customers' names, in a table of their own, by whose beginnings `by_name.py` finds customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from chassis.databases.mysql import Connection, Database, Row, placeholders, transact
from chassis.types.names import words_of_names

_AT_ONCE = 500

_SLOW_WRITE = timedelta(seconds=10)
"""How much earlier than its commit a row may be updated."""

_NAMES = "customer_id, name, last_name, company"

_UPDATED_AFTER = f"""
SELECT updated_at, {_NAMES} FROM customer FORCE INDEX (customer_by_update)
WHERE updated_at > %s OR (updated_at = %s AND customer_id > %s) ORDER BY updated_at, customer_id LIMIT {_AT_ONCE}
"""

_PROGRESS = "REPLACE INTO customer_words_progress (id, updated_at) VALUES (1, %s)"

Word = tuple[str, str]
"""A word, and the id of the customer who has it."""


class Named(Protocol):
    """A customer, as far as the names go."""

    name: str | None
    last_name: str | None
    company: str | None


def words_of(customer: Named) -> list[str]:
    """The words by which a customer is found, each once."""
    return sorted(set(words_of_names(customer.name, customer.last_name, customer.company)))


def insert_words(tx: Connection, customers: Iterable[tuple[str, Named]]) -> None:
    """Add the words of new customers, given with their ids, together with the next statement."""
    _insert(tx, [(word, customer_id) for customer_id, named in customers for word in words_of(named)])


def replace_words(tx: Connection, customer_id: str, customer: Named) -> None:
    """Replace the words of a customer, together with the next statement."""
    tx.later("DELETE FROM customer_word WHERE customer_id = %s", [customer_id])
    insert_words(tx, [(customer_id, customer)])


async def fill(database: Database) -> None:
    """Correct the words of customers written without them: before the table, or by a process from before it.

    Reads the customers that were updated since it ran last. Continues where it was interrupted.
    """
    async with database.reading() as connection:
        row = await connection.fetch_one("SELECT updated_at FROM customer_words_progress")
    moment, customer_id = row["updated_at"] - _SLOW_WRITE if row else datetime(1000, 1, 1), ""
    while True:
        async with database.reading() as connection:
            customers = await connection.fetch_all(_UPDATED_AFTER, [moment, moment, customer_id])
            missing, surplus = await _differences(connection, customers)
        if not customers:
            return
        if wrong := sorted({each for _, each in missing | surplus}):
            await transact(database, partial(_correct, ids=wrong))
        moment, customer_id = customers[-1]["updated_at"], customers[-1]["customer_id"]
        async with database.reading() as connection:
            await connection.execute(_PROGRESS, [moment])


async def _correct(tx: Connection, ids: Sequence[str]) -> None:
    """Correct the words of these customers, which are locked so that nobody writes them meanwhile."""
    sql = f"SELECT {_NAMES} FROM customer WHERE customer_id IN ({placeholders(ids)}) ORDER BY customer_id FOR UPDATE"
    missing, surplus = await _differences(tx, await tx.fetch_all(sql, ids))
    for word in sorted(surplus):
        tx.later("DELETE FROM customer_word WHERE word = %s AND customer_id = %s", word)
    _insert(tx, missing)


async def _differences(connection: Connection, customers: Sequence[Row]) -> tuple[set[Word], set[Word]]:
    """The words that these customers lack, and those that they should not have."""
    ids = [row["customer_id"] for row in customers]
    sql = f"SELECT word, customer_id FROM customer_word WHERE customer_id IN ({placeholders(ids)})"
    stored = await connection.fetch_all(sql, ids) if ids else []
    here = {(row["word"], row["customer_id"]) for row in stored}
    right = {
        (word, row["customer_id"])
        for row in customers
        for word in words_of_names(row["name"], row["last_name"], row["company"])
    }
    return right - here, here - right


def _insert(tx: Connection, rows: Collection[Word]) -> None:
    if rows:
        values = ", ".join(["(%s, %s)"] * len(rows))
        sql = f"INSERT IGNORE INTO customer_word (word, customer_id) VALUES {values}"
        tx.later(sql, [value for row in sorted(rows) for value in row])
