"""The SQL of a store. A change of a stock, its movements or its allocations locks the row of the stock first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from uuid_utils.compat import uuid7

from chassis.databases.mysql import Connection, Row, placeholders
from contracts.stores import stock_id
from stores.rules import Movement, Stock

STOCK_COLUMNS = (
    "store_id, sku, on_hand, unsellable, committed, movements, reorder_at, reorder_to, delivered, updated_at, version"
)
MOVEMENT_COLUMNS = (
    "movement_id AS id, sku, sequence, delta, unsellable_delta, on_hand_after, unsellable_after, reason, reference,"
    " caller, happened_at, recorded_at"
)

_MAKE_STOCK = "(%s, %s, %s, 0, 0, UTC_TIMESTAMP(3), 0)"
_MOVEMENT = (
    "movement_id", "stock_id", "store_id", "sku", "sequence", "delta", "unsellable_delta", "on_hand_after",
    "unsellable_after", "reason", "reference", "caller", "happened_at", "recorded_at", "version",
)  # fmt: skip


class Locked(NamedTuple):
    """Stocks by SKU, whose rows are locked until the transaction ends, and the time once they were."""

    stocks: dict[str, Stock]
    now: datetime


async def lock_stocks(
    tx: Connection, store_id: str, skus: Collection[str], *, make: Collection[str] = ()
) -> Locked | None:
    """Lock the rows of these SKUs, in their order. Those of `make` are inserted without units if they do not exist.

    None if there is no such row.
    """
    if make:
        values = [value for sku in sorted(make) for value in (stock_id(store_id, sku), store_id, sku)]
        tx.later(
            "INSERT INTO stock (stock_id, store_id, sku, on_hand, movements, updated_at, version)"
            f" VALUES {', '.join([_MAKE_STOCK] * len(make))} ON DUPLICATE KEY UPDATE version = version",
            values,
        )
    # Not UTC_TIMESTAMP, which is when the statement began to wait for locks: movements are recorded in their order.
    rows = await tx.fetch_all(
        f"SELECT {STOCK_COLUMNS}, SYSDATE(6) AS now FROM stock WHERE stock_id IN ({placeholders(skus)})"
        " ORDER BY stock_id FOR UPDATE",
        [stock_id(store_id, sku) for sku in skus],
    )
    if not rows:
        return None
    return Locked({row["sku"]: stock_of(row) for row in rows}, max(row["now"] for row in rows))


async def now(tx: Connection) -> datetime:
    """The time of the database."""
    row = await tx.fetch_one("SELECT SYSDATE(6) AS now")
    assert row is not None
    moment: datetime = row["now"]
    return moment


async def known_skus(connection: Connection, store_id: str, skus: Collection[str]) -> set[str]:
    """Those of the SKUs that have a row."""
    sql = f"SELECT sku FROM stock WHERE stock_id IN ({placeholders(skus)})"
    return {row["sku"] for row in await connection.fetch_all(sql, [stock_id(store_id, sku) for sku in skus])}


async def find_stock(connection: Connection, store_id: str, sku: str) -> Row | None:
    """The row of a SKU, or None."""
    sql = f"SELECT {STOCK_COLUMNS} FROM stock WHERE stock_id = %s"
    return await connection.fetch_one(sql, [stock_id(store_id, sku)])


def write_stocks(tx: Connection, stocks: Iterable[Stock], now: datetime) -> None:
    """Update locked rows, together with the next statement."""
    for stock in stocks:
        tx.later(
            "UPDATE stock SET on_hand = %s, unsellable = %s, committed = %s, movements = %s, reorder_at = %s,"
            " reorder_to = %s, delivered = %s, updated_at = %s, version = %s WHERE stock_id = %s",
            [
                *(stock.on_hand, stock.unsellable, stock.committed, stock.movements, stock.reorder_at),
                *(stock.reorder_to, stock.delivered, milliseconds(now), stock.version, stock.stock_id),
            ],
        )


def insert_movements(tx: Connection, movements: Sequence[Movement], now: datetime) -> list[str]:
    """Append to the ledger, together with the next statement. Returns the ids."""
    if not movements:
        return []
    ids = [str(uuid7()) for _ in movements]
    rows = [
        (
            *(movement_id, each.stock_id, each.store_id, each.sku, each.sequence, each.delta, each.unsellable_delta),
            *(each.on_hand_after, each.unsellable_after, each.reason.value, each.reference, each.caller),
            *(each.happened_at or now, now, 1),
        )
        for movement_id, each in zip(ids, movements, strict=True)
    ]
    row = f"({placeholders(_MOVEMENT)})"
    sql = f"INSERT INTO stock_movement ({', '.join(_MOVEMENT)}) VALUES {', '.join([row] * len(rows))}"
    tx.later(sql, [value for each in rows for value in each])
    return ids


async def find_movement(connection: Connection, store_id: str, sku: str, sequence: int) -> Row | None:
    """The row of a movement, or None."""
    sql = f"SELECT {MOVEMENT_COLUMNS} FROM stock_movement WHERE stock_id = %s AND sequence = %s"
    return await connection.fetch_one(sql, [stock_id(store_id, sku), sequence])


async def movements_after(connection: Connection, movement_id: str, limit: int) -> list[Row]:
    """The next rows of the ledger, sorted by their ids, which is nearly the order of their recording."""
    sql = f"SELECT {MOVEMENT_COLUMNS} FROM stock_movement WHERE movement_id > %s ORDER BY movement_id LIMIT %s"
    return await connection.fetch_all(sql, [movement_id, limit])


async def known_references(
    tx: Connection, store_id: str, references: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Row]:
    """The movements with these references, by SKU and reference."""
    pairs = ", ".join(["(%s, %s)"] * len(references))
    values = [value for sku, reference in references for value in (stock_id(store_id, sku), reference)]
    sql = f"SELECT {MOVEMENT_COLUMNS} FROM stock_movement WHERE (stock_id, reference) IN ({pairs})"
    return {(row["sku"], row["reference"]): row for row in await tx.fetch_all(sql, values)}


async def moved_since(tx: Connection, stock: Stock, sequence: int) -> int:
    """The sum of what has moved after this movement. Counts are not counted: no units have moved."""
    row = await tx.fetch_one(
        "SELECT CAST(COALESCE(SUM(delta), 0) AS SIGNED) AS delta FROM stock_movement"
        " WHERE stock_id = %s AND sequence > %s AND reason <> 'counted'",
        [stock.stock_id, sequence],
    )
    return int(row["delta"]) if row else 0


def stock_of(row: Row) -> Stock:
    """The values of a row that movements change."""
    return Stock(**{name: row[name] for name in Stock.__dataclass_fields__})


def milliseconds(moment: datetime) -> datetime:
    """The moment as a column of milliseconds has it; MySQL would round it up."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
