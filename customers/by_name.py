"""The list of customers by words of their names, each the beginning of a word there.

An index has the words in order. The one with the fewest matches is read, and the customers in it are looked up for the
others, so that a page costs as much as the rarest word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.databases.mysql import Connection, Row
from chassis.rest.keysets import prefix_pattern
from chassis.types.names import words
from customers.problems import no_words
from customers.repository import COLUMNS

_COUNTED = 1000
"""Matches from which on a word is as frequent as any other."""

_MOST_WORDS = 20

_OF_CUSTOMER = """
    FROM customer_word AS its FORCE INDEX (customer_word_by_customer)
    WHERE its.customer_id = w.customer_id AND its.word LIKE %s
"""
# A customer is listed once, at the first of the words that match. Scalar subqueries, since neither server turns them
# into joins, which would read all matches before the first row.
_FIRST_WORD = f"w.word = (SELECT MIN(its.word) {_OF_CUSTOMER})"
_HAS_WORD = f"(SELECT COUNT(*) {_OF_CUSTOMER}) > 0"


@dataclass(frozen=True)
class NamePlan:
    """A query for pages of the customers whose names have words with these beginnings, by the first that matches."""

    beginnings: Sequence[str]

    @classmethod
    def of(cls, name: str) -> NamePlan:
        """The plan for a text. Raises the 422 problem of one without words, or with too many."""
        found = sorted(set(words(name)), key=len, reverse=True)
        if not found or len(found) > _MOST_WORDS:
            raise no_words(_MOST_WORDS)
        return cls([each for n, each in enumerate(found) if not any(longer.startswith(each) for longer in found[:n])])

    async def read(self, connection: Connection, after: list[Any] | None, limit: int) -> list[Row]:
        """The rows after the sort key `after`, or the first rows."""
        rarest = after[0] if after else await self._rarest(connection)
        conditions, values = ["w.word LIKE %s", _FIRST_WORD], [prefix_pattern(rarest)] * 2
        for other in self.beginnings:
            if other != rarest:
                conditions.append(_HAS_WORD)
                values.append(prefix_pattern(other))
        if after:
            conditions.append("(w.word > %s OR (w.word = %s AND w.customer_id > %s))")
            values += [after[1], after[1], after[2]]
        sql = f"""
            SELECT {COLUMNS}, found.rarest, found.word FROM (
                SELECT w.customer_id, w.word, %s AS rarest FROM customer_word AS w FORCE INDEX (PRIMARY)
                WHERE {" AND ".join(conditions)} ORDER BY w.word, w.customer_id LIMIT %s
            ) AS found JOIN customer USING (customer_id) ORDER BY found.word, customer_id
        """
        return await connection.fetch_all(sql, [rarest, *values, limit])

    def key(self, row: Row) -> list[Any]:
        """The sort key of a row as JSON values."""
        return [row["rarest"], row["word"], row["id"]]

    async def _rarest(self, connection: Connection) -> str:
        if len(self.beginnings) == 1:
            return self.beginnings[0]
        count = f"(SELECT COUNT(*) FROM (SELECT 1 FROM customer_word WHERE word LIKE %s LIMIT {_COUNTED}) AS some)"
        sql = f"SELECT {', '.join(f'{count} AS c{n}' for n in range(len(self.beginnings)))}"
        counts = await connection.fetch_one(sql, [prefix_pattern(each) for each in self.beginnings])
        assert counts is not None, "this statement always has one row"
        return min(zip(counts.values(), self.beginnings, strict=True), key=lambda found: found[0])[1]
