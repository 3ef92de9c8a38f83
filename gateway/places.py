"""Places in the lists: the sort key behind each cursor, for the list that gave it out."""

from __future__ import annotations

from dataclasses import dataclass

from chassis import cursors
from chassis.cursors import InvalidCursor

_BEST_SCORE = 1e30
"""More than any score is; Elasticsearch refuses what does not fit its own numbers."""


@dataclass(frozen=True)
class ProductPlace:
    """A place among products by SKU."""

    sku: str

    @classmethod
    def read(cls, cursor: str) -> ProductPlace:
        """The place that a cursor names. Raises InvalidCursor."""
        (sku,) = cursors.decode(cursor, 1)
        return cls(_a_sku(sku, cursor))

    def cursor(self) -> str:
        """The cursor of the product here."""
        return cursors.encode([self.sku])


@dataclass(frozen=True)
class HitPlace:
    """A place among the products that a search found, the best first."""

    score: float
    sku: str

    @classmethod
    def read(cls, cursor: str) -> HitPlace:
        """The place that a cursor names. Raises InvalidCursor."""
        score, sku = cursors.decode(cursor, 2)
        if type(score) not in (int, float) or not 0 <= score < _BEST_SCORE:
            raise InvalidCursor(cursor)
        return cls(float(score), _a_sku(sku, cursor))

    def cursor(self) -> str:
        """The cursor of the hit here."""
        return cursors.encode([self.score, self.sku])


def _a_sku(sku: object, cursor: str) -> str:
    if not isinstance(sku, str) or "\0" in sku:
        raise InvalidCursor(cursor)
    return sku
