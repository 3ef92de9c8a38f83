"""The words of customers' names, in a table of their own, by whose beginnings `by_name.py` finds customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from chassis.databases.mysql import Connection, Database
from chassis.types.names import words_of_names

_AT_ONCE = 1000


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
    """Write the words of customers who have none yet: those from before the table, or of a process from before it.

    Reads the customers that were created since it ran last. Continues where it was interrupted.
    """
    while await _fill_some(database):
        pass


async def _fill_some(database: Database) -> bool:
    async with database.transaction() as tx:
        until = await tx.fetch_one("SELECT MAX(customer_id) AS id FROM customer_words_until")
        rows = await tx.fetch_all(
            "SELECT customer_id, name, last_name, company FROM customer WHERE customer_id > %s"
            f" ORDER BY customer_id LIMIT {_AT_ONCE} FOR UPDATE",
            [(until and until["id"]) or ""],
        )
        if rows:
            found = {row["customer_id"]: words_of_names(row["name"], row["last_name"], row["company"]) for row in rows}
            _insert(tx, [(word, customer_id) for customer_id, words in found.items() for word in set(words)])
            await tx.execute("REPLACE INTO customer_words_until (customer_id) VALUES (%s)", [rows[-1]["customer_id"]])
    return len(rows) == _AT_ONCE


def _insert(tx: Connection, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        values = ", ".join(["(%s, %s)"] * len(rows))
        sql = f"INSERT IGNORE INTO customer_word (word, customer_id) VALUES {values}"
        tx.later(sql, [value for row in sorted(rows) for value in row])
