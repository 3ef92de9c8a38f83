"""A line of stock.jsonl, and what it asks of a store. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.company.lines.base import Body, Line, sku_text, without_nulls


class Stock(Line, kw_only=True, frozen=True):
    """One line of stock.jsonl: the units of a SKU in a store, and the levels at and to which it is ordered again.

    `on_hand` includes the `unsellable` units.
    """

    store: str
    sku: str | int
    on_hand: int
    unsellable: int = 0
    reorder_at: int | None = None
    reorder_to: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the line."""
        return self.store, sku_text(self.sku)

    @property
    def levels(self) -> Body:
        """The body of a patch of the stock."""
        return {"reorderAt": self.reorder_at, "reorderTo": self.reorder_to}


def opening_movement(stock: Stock, reference: str) -> Body:
    """The movement that brings the first units into a store. Its reference makes it happen once."""
    moved = {"sku": sku_text(stock.sku), "delta": stock.on_hand, "reason": "received", "reference": reference}
    return {**moved, "unsellableDelta": stock.unsellable} if stock.unsellable else moved


def count_of(stock: Stock, shown: Mapping[str, Any] | None) -> Body:
    """The count that makes a stock have the units of the line; `shown` is the stock as it is now."""
    return {"sku": sku_text(stock.sku), "counted": stock.on_hand, "countedAt": shown["movements"] if shown else 0}


def stock_line(shown: Mapping[str, Any]) -> Body:
    """A line of stock.jsonl from a stock as its store shows it."""
    names = ("sku", "onHand", "unsellable", "reorderAt", "reorderTo")
    members = {name: shown[name] for name in names if name != "unsellable" or shown[name]}
    return without_nulls({"store": shown["storeId"], **members})
