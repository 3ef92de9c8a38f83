"""The words of customers' names, in a table of their own, by whose beginnings `by_name.py` finds customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol

from chassis.databases.mysql import Connection, Database, placeholders, transact
from chassis.types.names import words_of_names

_AT_ONCE = 500

_SLOW_WRITE = timedelta(seconds=10)
"""How much earlier than its commit a row may be updated."""

_UPDATED_AFTER = f"""
SELECT updated_at, customer_id FROM customer FORCE INDEX (customer_by_update)
WHERE updated_at > %s OR (updated_at = %s AND customer_id > %s) ORDER BY updated_at, customer_id LIMIT {_AT_ONCE}
"""


class Named(Protocol):
    """A customer, as far as the names go."""

    name: str | None
    last_name: str | None
    company: str | None


class _Update(NamedTuple):
    """A customer's last update, in the order of all updates."""

    updated_at: datetime
    customer_id: str


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
    after = _Update(row["updated_at"] - _SLOW_WRITE if row else datetime(1000, 1, 1), "")
    while True:
        async with database.reading() as connection:
            found = await connection.fetch_all(_UPDATED_AFTER, [after.updated_at, *after])
        if not found:
            return
        after = _Update(**found[-1])
        await transact(database, partial(_correct, ids=[each["customer_id"] for each in found], until=after))


async def _correct(tx: Connection, ids: Sequence[str], until: _Update) -> None:
    """Correct the words of these customers, locked one by one so that nobody writes them meanwhile."""
    named = f"customer_id IN ({placeholders(ids)})"
    customers = await tx.fetch_all(
        f"SELECT customer_id, name, last_name, company FROM customer WHERE {named} ORDER BY customer_id FOR UPDATE", ids
    )
    stored = await tx.fetch_all(f"SELECT word, customer_id FROM customer_word WHERE {named}", ids)
    here = {(row["word"], row["customer_id"]) for row in stored}
    right = {
        (word, row["customer_id"])
        for row in customers
        for word in words_of_names(row["name"], row["last_name"], row["company"])
    }
    for word, customer_id in sorted(here - right):
        tx.later("DELETE FROM customer_word WHERE word = %s AND customer_id = %s", [word, customer_id])
    _insert(tx, right - here)
    await tx.execute("REPLACE INTO customer_words_progress (id, updated_at) VALUES (1, %s)", [until.updated_at])


def _insert(tx: Connection, rows: Collection[tuple[str, str]]) -> None:
    if rows:
        values = ", ".join(["(%s, %s)"] * len(rows))
        sql = f"INSERT IGNORE INTO customer_word (word, customer_id) VALUES {values}"
        tx.later(sql, [value for row in sorted(rows) for value in row])
