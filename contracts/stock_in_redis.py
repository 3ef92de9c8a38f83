"""The stock in Redis: one hash for each SKU, which may be lost, stale or wrong at any time.

Redis is asked before MySQL, so that a SKU that is sold out costs no lock and no commit. Only MySQL promises units.

For each store, the fields are `<store>:a`, the units that can be promised; `<store>:v`, the version of the row of
availability with these; `<store>:h`, the units of requests in progress, whose transaction has not ended yet; and
`<store>|<token>` for each of these requests: its units and when it is forgotten, in milliseconds, with a blank between.
A hash has all stores of its SKU, or does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def stock_key(sku: str) -> str:
    """The key of a SKU's hash."""
    return f"stock:{sku}"


@dataclass(frozen=True)
class StockInRedis:
    """The stock of one SKU in one store: `held` units of `available` are of requests in progress."""

    available: int
    version: int
    held: int = 0


def read_stock(fields: Mapping[str, str]) -> dict[str, StockInRedis]:
    """The stock by store. Raises ValueError and KeyError if the fields are malformed."""
    return {
        store_id: StockInRedis(int(value), int(fields[f"{store_id}:v"]), int(fields.get(f"{store_id}:h", 0)))
        for field, value in fields.items()
        for store_id, colon, name in [field.rpartition(":")]
        if colon and name == "a"
    }
