"""A stock of one store as the rows of both databases, which agree until a test changes them by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import aiomysql

from chassis import settings
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from inventory import settings as of_inventory
from stores import settings as of_stores
from tests.support.by_hand import by_hand, mysql_client
from tests.support.system.emptying import MYSQL_TABLES

INVENTORY, STORE = "inventory", "store_seattle"


@dataclass(frozen=True)
class AgreeingRows:
    """A SKU with 10 units on hand: 4 committed to one order, 3 asked for another one."""

    sku: str
    stock_id: str
    committed_id: str
    asked_id: str
    order_id: str
    asked_order_id: str


@asynccontextmanager
async def tables_of_stock() -> AsyncIterator[None]:
    """The tables of `inventory` and of the store."""
    inventory = of_inventory.database()
    store = Database(settings.mysql(STORE, "OMS_STORE_SEATTLE_DB_PASSWORD", STORE))
    try:
        await migrate_mysql(inventory, of_inventory.MIGRATIONS)
        await migrate_mysql(store, of_stores.MIGRATIONS)
        yield
    finally:
        await inventory.close()
        await store.close()


async def agreeing_rows() -> AgreeingRows:
    """Write the rows of a new SKU, after all others are removed."""
    sku = f"T-{uuid4().hex[:12]}"
    rows = AgreeingRows(sku, f"seattle/{sku}", *(str(uuid4()) for _ in range(4)))
    async with mysql_client(STORE) as store, mysql_client(INVENTORY) as inventory:
        for cursor, database in ((store, STORE), (inventory, INVENTORY)):
            for table in MYSQL_TABLES[database]:
                await cursor.execute(f"DELETE FROM `{table}`")
        await _write_store(store, rows)
        await inventory.execute(
            "INSERT INTO availability VALUES"
            " (%s, 'seattle', %s, 10, 0, 4, 3, 0, 0, 0, 0, NULL, NULL, 3, UTC_TIMESTAMP(3), 5, FALSE)",
            [rows.stock_id, sku],
        )
        await _write_order(inventory, rows, rows.order_id, rows.committed_id, 4, "committed")
        await _write_order(inventory, rows, rows.asked_order_id, rows.asked_id, 3, "asked")
    return rows


async def ship_one(rows: AgreeingRows) -> None:
    """Let one of the committed units leave: its shipment was dispatched, and the store has booked it out."""
    await by_hand(
        STORE,
        "INSERT INTO stock_movement VALUES (%s, %s, 'seattle', %s, 3, -1, 0, 9, 0, 'shipped', %s, NULL,"
        " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 1)",
        [str(uuid4()), rows.stock_id, rows.sku, f"allocation:{rows.committed_id}"],
    )
    await by_hand(STORE, "UPDATE stock SET on_hand = 9, committed = 3, movements = 3, version = 4")
    await by_hand(STORE, "UPDATE allocation SET quantity = 3, shipped = 1, reservation_version = 3, version = 2")
    await by_hand(INVENTORY, "UPDATE availability SET on_hand = 9, committed = 3, stock_version = 4, version = 6")
    await by_hand(
        INVENTORY,
        "UPDATE reservation SET quantity = 3, shipped = 1, dispatched = 1, answer_version = 2, version = 4"
        " WHERE reservation_id = %s",
        [rows.committed_id],
    )


async def note_freshness(fresh_until: str) -> None:
    """Say up to when central has processed what the store committed."""
    await by_hand(
        INVENTORY,
        "INSERT INTO store (store_id, name, kind, country, fresh_until, created_at, updated_at, version)"
        " VALUES ('seattle', 'Seattle', 'shop', 'US', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)"
        " ON DUPLICATE KEY UPDATE fresh_until = %s",
        [fresh_until, fresh_until],
    )


async def _write_store(store: aiomysql.Cursor, rows: AgreeingRows) -> None:
    stock = [rows.stock_id, rows.sku]
    await store.execute(
        "INSERT INTO stock VALUES (%s, 'seattle', %s, 10, 0, 4, 2, NULL, NULL, 0, UTC_TIMESTAMP(3), 3)", stock
    )
    for sequence, delta, after in ((1, 12, 12), (2, -2, 10)):
        await store.execute(
            "INSERT INTO stock_movement VALUES (%s, %s, 'seattle', %s, %s, %s, 0, %s, 0, 'received', NULL, NULL,"
            " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 1)",
            [str(uuid4()), *stock, sequence, delta, after],
        )
    await store.execute(
        "INSERT INTO allocation VALUES"
        " (%s, %s, 'seattle', %s, %s, 4, 0, 'committed', 1, 10, 0, 4, 0, 3, UTC_TIMESTAMP(), 1)",
        [rows.committed_id, *stock, rows.order_id],
    )


async def _write_order(
    inventory: aiomysql.Cursor, rows: AgreeingRows, order_id: str, reservation_id: str, quantity: int, state: str
) -> None:
    line_id = str(uuid4())
    await inventory.execute(
        "INSERT INTO replica_order (order_id, status, lines_version, line_count, destinations, placed_at, deleted,"
        " version) VALUES (%s, 'placed', 1, 1, '[]', UTC_TIMESTAMP(3), FALSE, 1)",
        [order_id],
    )
    await inventory.execute(
        "INSERT INTO replica_order_line VALUES (%s, %s, 1, 1, %s, %s, %s, FALSE, 1)",
        [line_id, order_id, rows.sku, quantity, str(uuid4())],
    )
    await inventory.execute(
        "INSERT INTO sourcing (order_id, lines_version, placed_at, status, `lines`, decided_at, updated_at, version)"
        " VALUES (%s, 1, UTC_TIMESTAMP(3), %s, '[]', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)",
        [order_id, "committed" if state == "committed" else "reserved"],
    )
    await inventory.execute(
        "INSERT INTO reservation (reservation_id, order_id, order_detail_id, lines_version, stock_id, store_id, sku,"
        " quantity, attempt, wanted, state, answer_version, ask_until, version)"
        " VALUES (%s, %s, %s, 1, %s, 'seattle', %s, %s, 1, 'commit', %s, %s, UTC_TIMESTAMP(3), 2)",
        [reservation_id, order_id, line_id, rows.stock_id, rows.sku, quantity, state, int(state == "committed")],
    )
