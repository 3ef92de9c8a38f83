"""The products of documents with their stock, both read from one snapshot of MySQL.

Of a SKU, the version of the product and that of its stock never decrease, and a document has their sum as its version.
Of two snapshots, the later one has no lower version of either. So two documents with equal sums are equal, and the one
with the higher sum is the newer one, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from chassis.databases.mysql import Connection, Database, placeholders
from chassis.databases.mysql_upserts import write_newer
from contracts.inventory.availability import NO_STORES, SkuAvailabilityRow
from contracts.products import ProductRow, StockedProduct
from contracts.rows import columns

_REPLICA, _COLUMNS = "replica_sku_availability", ("sku", "available_at", "deleted", "version")

_NAMES = tuple(columns(ProductRow))

# One statement, hence one snapshot.
_SELECT = f"""
SELECT sku, {", ".join(f"p.{name} AS product_{name}" for name in _NAMES)}, COALESCE(k.version, 0) AS last_version,
    COALESCE(a.available_at, '{NO_STORES}') AS available_at, COALESCE(a.version, 0) AS availability_version
FROM (SELECT sku FROM products WHERE sku IN ({{0}}) UNION SELECT sku FROM known_sku WHERE sku IN ({{0}})
    UNION SELECT sku FROM {_REPLICA} WHERE sku IN ({{0}})) AS wanted
LEFT JOIN products AS p USING (sku) LEFT JOIN known_sku AS k USING (sku) LEFT JOIN {_REPLICA} AS a USING (sku)
"""

_NOTE_DELETION = """
INSERT INTO known_sku (sku, version) VALUES (%s, %s) ON DUPLICATE KEY UPDATE version = GREATEST(version, %s)
"""


@dataclass(frozen=True)
class Stored:
    """What MySQL has of a SKU. If it has no `product`, `last_version` is that of the last deletion; 0 if unknown."""

    product: ProductRow | None = None
    last_version: int = 0
    available_at: str = NO_STORES
    availability_version: int = 0


def merged(record: ProductRow | None, stored: Stored) -> StockedProduct | None:
    """The row of the document of a SKU, or None if it has no product. `record` is its row on the topic, if it has come.

    MySQL is ahead of the topic, but for products that were deleted by hand, or are in a backup that is older.
    """
    row = stored.product
    if row is None or (record is not None and record.newest_version > row.version):
        row = record
    if row is None:
        return None
    if stored.product is None and stored.last_version > max(0, row.newest_version):
        row = replace(row, is_deleted=True, version=stored.last_version - 1)
    return StockedProduct.of(row, stored.available_at, stored.availability_version)


async def with_stock(database: Database, records: Sequence[ProductRow]) -> list[StockedProduct]:
    """The rows of the documents of these rows of the topic. Raises Unavailable."""
    async with database.reading() as connection:
        stored = await read_stored(connection, [row.sku for row in records])
    found = [merged(record, stored.get(record.sku, Stored())) for record in records]
    return [row for row in found if row is not None]


async def note_deletions(database: Database, records: Sequence[ProductRow]) -> None:
    """Keep the versions of deletions, also of those by hand: an older row of the topic must bring no product back."""
    deleted = [row for row in records if row.is_deleted]
    if deleted:
        async with database.transaction() as tx:
            for row in deleted:
                tx.later(_NOTE_DELETION, (row.sku, row.newest_version, row.newest_version))


async def take_over(database: Database, rows: Sequence[SkuAvailabilityRow]) -> list[StockedProduct]:
    """Store the stock of SKUs. Returns the rows of the documents of those that have a product. Raises Unavailable."""
    async with database.transaction() as tx:
        values = [
            (row.sku, NO_STORES if row.is_deleted else row.available_at, row.is_deleted, row.newest_version)
            for row in rows
        ]
        await write_newer(tx, _REPLICA, _COLUMNS, values)
    async with database.reading() as connection:
        stored = await read_stored(connection, [row.sku for row in rows])
    found = [merged(None, each) for each in stored.values()]
    return [row for row in found if row is not None]


async def is_empty(database: Database) -> bool:
    """Whether no stock is stored, so that its topic must be read from the beginning."""
    async with database.reading() as connection:
        return await connection.fetch_one(f"SELECT 1 FROM {_REPLICA} LIMIT 1") is None


async def read_stored(connection: Connection, skus: Sequence[str]) -> dict[str, Stored]:
    """What MySQL has of these SKUs, at one moment."""
    if not skus:
        return {}
    rows = await connection.fetch_all(_SELECT.format(placeholders(skus)), [*skus, *skus, *skus])
    return {row["sku"]: _stored(row) for row in rows}


def _stored(row: dict[str, Any]) -> Stored:
    product = {name: _value(row.pop(f"product_{name}")) for name in _NAMES}
    made = None
    if product["sku"] is not None:
        made = ProductRow(**product | {"active": bool(product["active"])})
    return Stored(made, row["last_version"], row["available_at"], row["availability_version"])


def _value(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
