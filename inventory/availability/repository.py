"""The SQL that reads availability.

Units of reservations that have expired are free, though nobody has released them yet: all that is read here counts
them as such, so that an expiry is exact, whenever its row is updated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.inventory.availability import FREE_TO_PROMISE, LEFT

_EXPIRED = """
    COALESCE((SELECT SUM(quantity) FROM reservation
              WHERE reservation.stock_id = availability.stock_id AND state = 'held' AND expires_at <= %s), 0)
"""
_FREE = f"""
SELECT stock_id, store_id, sku,
       {FREE_TO_PROMISE} AS free, version,
       IF(has_backorders, 0, {_EXPIRED}) AS expired,
       (SELECT MIN(expires_at) FROM reservation
        WHERE reservation.stock_id = availability.stock_id AND state = 'held' AND expires_at > %s) AS next_expiry
FROM availability WHERE sku IN ({{skus}})
"""
_SHOWN = f"""
SELECT stock_id, availability.store_id, sku, on_hand, unsellable, committed,
       GREATEST(0, LEAST(reserved, reserved + overreserved - {_EXPIRED})) AS reserved,
       GREATEST(0, {LEFT} + {_EXPIRED}) AS available, safety_margin, incoming, has_backorders, availability.version,
       store.fresh_until
FROM availability LEFT JOIN store ON store.store_id = availability.store_id
WHERE sku IN ({{skus}})
"""


@dataclass(frozen=True)
class Stock:
    """The units of one SKU in one store that can be promised, as its row says at `version`: none if orders wait for the
    SKU.

    Reservations whose time is over have `expired` units beside them. That of the next one is over at `next_expiry`.
    """

    stock_id: str
    store_id: str
    sku: str
    free: int
    version: int
    expired: int
    next_expiry: datetime | None


async def find_stock(connection: Connection, skus: Sequence[str], now: datetime) -> list[Stock]:
    """What the stores have of these SKUs."""
    if not skus:
        return []
    rows = await connection.fetch_all(_FREE.format(skus=placeholders(skus)), [now, now, *skus])
    return [Stock(**{**row, "free": int(row["free"]), "expired": int(row["expired"])}) for row in rows]


async def find_shown(connection: Connection, skus: Sequence[str], store_id: str | None, now: datetime) -> list[Row]:
    """The rows of these SKUs, of one store or of all, with the time until which the store's data is complete."""
    sql, values = _SHOWN.format(skus=placeholders(skus)), [now, now, *skus]
    if store_id is not None:
        sql, values = f"{sql} AND availability.store_id = %s", [*values, store_id]
    return await connection.fetch_all(f"{sql} ORDER BY sku, availability.store_id", values)


async def unknown_skus(connection: Connection, skus: Sequence[str]) -> set[str]:
    """Those of these SKUs that are of no product."""
    if not skus:
        return set()
    rows = await connection.fetch_all(
        f"SELECT sku FROM replica_product WHERE NOT deleted AND sku IN ({placeholders(skus)})", skus
    )
    return set(skus) - {row["sku"] for row in rows}


def free_units(stock: Sequence[Stock]) -> Mapping[str, Mapping[str, int]]:
    """The units that can be promised, by SKU and store, as their rows say."""
    free: dict[str, dict[str, int]] = {}
    for each in stock:
        free.setdefault(each.sku, {})[each.store_id] = each.free
    return free
