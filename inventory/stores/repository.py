"""The SQL of stores."""

from __future__ import annotations

from typing import Any

import pymysql

from chassis.databases.mysql import DUPLICATE, Connection, Row
from inventory.decisions.knowledge import is_stale
from inventory.stores.models import NewStore, Store, StoreInput
from inventory.times import now

COLUMNS = """
    store_id AS id, name, kind, country, region, city, latitude, longitude, priority, sells_online, fresh_until,
    details_version, created_at, updated_at, version
"""
_INSERT = """
INSERT INTO store (store_id, name, kind, country, region, city, latitude, longitude, priority, sells_online,
                   created_at, updated_at, version)
VALUES (%(id)s, %(name)s, %(kind)s, %(country)s, %(region)s, %(city)s, %(latitude)s, %(longitude)s, %(priority)s,
        %(sells_online)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 1)
"""
_UPDATE = """
UPDATE store
SET name = %(name)s, kind = %(kind)s, country = %(country)s, region = %(region)s, city = %(city)s,
    latitude = %(latitude)s, longitude = %(longitude)s, priority = %(priority)s, sells_online = %(sells_online)s,
    updated_at = UTC_TIMESTAMP(3), details_version = details_version + 1, version = version + 1
WHERE store_id = %(id)s
"""


class StoreExists(Exception):
    """A store with this id exists."""


async def insert_store(tx: Connection, new: NewStore) -> Store:
    """Create a store. Raises StoreExists."""
    try:
        await tx.execute(_INSERT, _values(new.id, new))
    except pymysql.err.IntegrityError as error:
        raise StoreExists() if error.args[0] == DUPLICATE else error from error
    return await _here(tx, new.id)


async def find_store(connection: Connection, store_id: str, *, lock: bool = False) -> Store | None:
    """A store, or None; locked until the transaction ends if `lock`."""
    ending = " FOR UPDATE" if lock else ""
    row = await connection.fetch_one(f"SELECT {COLUMNS} FROM store WHERE store_id = %s{ending}", [store_id])
    return shown(row) if row else None


async def update_store(tx: Connection, store_id: str, new: StoreInput) -> Store:
    """Change a store that is locked."""
    await tx.execute(_UPDATE, _values(store_id, new))
    return await _here(tx, store_id)


def shown(row: Row) -> Store:
    """The REST representation of a row."""
    return Store.model_validate({**row, "stale": is_stale(row["fresh_until"], now())})


async def _here(tx: Connection, store_id: str) -> Store:
    store = await find_store(tx, store_id)
    assert store is not None, "written in this transaction"
    return store


def _values(store_id: str, new: StoreInput) -> dict[str, Any]:
    return {**new.model_dump(mode="python"), "kind": new.kind.value, "id": store_id}
