"""A row that violates a rule about stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciliation.stock.databases import Place
from reconciliation.stock.rules import Check, Rule


@dataclass(frozen=True)
class Violation:
    """A row that violates a rule. `place` is its database."""

    rule: Rule
    place: Place
    id: str
    text: str
    check: Check = field(repr=False)
    state: tuple[Any, ...] = field(repr=False, default=())
    sku: str = field(repr=False, default="")

    def __str__(self) -> str:
        return f"{self.rule} {self.place.database} {self.id}: {self.text}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the row for its check."""
        return self.check.sql, self.place.database, self.id
