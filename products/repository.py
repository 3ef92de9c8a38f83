"""The SQL of products."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pymysql

from chassis.databases.mysql import DUPLICATE, Connection, Row, placeholders
from contracts import json_text, money
from products.models import NewProduct, Product, ProductInput

COLUMNS = """
    sku, name, description, price, currency, type, length, width, height, weight, unit, hierarchies, active,
    created_at, updated_at, version
"""


class SkuTaken(Exception):
    """There is a product with this SKU."""


async def insert_product(tx: Connection, new: NewProduct) -> Product:
    """Make a product, at version 1 or above all versions that an earlier product of this SKU had. Raises SkuTaken."""
    await _begin_versions(tx, new.sku)
    try:
        await tx.execute(
            """
            INSERT INTO products (sku, name, description, price, currency, type, length, width, height, weight, unit,
                                  hierarchies, active, created_at, updated_at, version)
            VALUES (%(sku)s, %(name)s, %(description)s, %(price)s, %(currency)s, %(type)s, %(length)s, %(width)s,
                    %(height)s, %(weight)s, %(unit)s, %(hierarchies)s, %(active)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
                    (SELECT version FROM known_sku WHERE known_sku.sku = %(sku)s))
            """,
            _columns(new),
        )
    except pymysql.err.IntegrityError as error:
        raise SkuTaken() if error.args[0] == DUPLICATE else error from error
    return await _here(tx, new.sku)


async def find_product(connection: Connection, sku: str, *, lock: bool = False) -> Product | None:
    """One product, or None. With `lock` nobody else changes it until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM products WHERE sku = %s"
    row = await connection.fetch_one(sql + (" FOR UPDATE" if lock else ""), [sku])
    return shown(row) if row else None


async def find_products(connection: Connection, skus: Sequence[str]) -> dict[str, Product]:
    """Those of `skus` that there are."""
    rows = await connection.fetch_all(f"SELECT {COLUMNS} FROM products WHERE sku IN ({placeholders(skus)})", skus)
    return {row["sku"]: shown(row) for row in rows}


async def update_product(tx: Connection, product: Product, new: ProductInput) -> Product | None:
    """Replace what a client can write. None when the product is no longer at this version."""
    changed = await tx.execute(
        """
        UPDATE products
        SET name = %(name)s, description = %(description)s, price = %(price)s, currency = %(currency)s,
            type = %(type)s, length = %(length)s, width = %(width)s, height = %(height)s, weight = %(weight)s,
            unit = %(unit)s, hierarchies = %(hierarchies)s, active = %(active)s,
            updated_at = UTC_TIMESTAMP(3), version = version + 1
        WHERE sku = %(sku)s AND version = %(version)s
        """,
        {**_columns(new), "sku": product.sku, "version": product.version},
    )
    return await _here(tx, product.sku) if changed else None


async def lock_sku(tx: Connection, sku: str) -> None:
    """Let nobody else make or delete a product of this SKU meanwhile. Both take this lock first, or they deadlock."""
    await tx.execute("SELECT version FROM known_sku WHERE sku = %s FOR UPDATE", [sku])


async def delete_product(tx: Connection, product: Product) -> bool:
    """Remove a product and note the version that its delete has. False when it is no longer at this version."""
    gone = await tx.execute("DELETE FROM products WHERE sku = %s AND version = %s", [product.sku, product.version])
    await tx.execute("UPDATE known_sku SET version = %s WHERE sku = %s", [product.version + 1, product.sku])
    return gone == 1


async def _begin_versions(tx: Connection, sku: str) -> None:
    """Settle the first version of a product: 1, or for a SKU that was known before the time in milliseconds.

    That is more than any count of changes, also when the row was deleted by hand and nobody noted how far it had come.
    Where the clock would not be enough (a delete and a new product within a millisecond), the noted version is.
    """
    await tx.execute(
        """
        INSERT INTO known_sku (sku, version) VALUES (%s, 1)
        ON DUPLICATE KEY UPDATE version = GREATEST(version + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED))
        """,
        [sku],
    )


async def _here(tx: Connection, sku: str) -> Product:
    product = await find_product(tx, sku)
    assert product is not None, "written in this transaction"
    return product


def _columns(new: ProductInput) -> Row:
    columns = new.model_dump()
    return {**columns, "hierarchies": json_text.to_json_text(columns["hierarchies"])}


def shown(row: Row) -> Product:
    """A row as a client sees it."""
    price = money.format_price(row["price"], row["currency"])
    columns = {**row, "price": price, "hierarchies": msgspec.json.decode(row["hierarchies"])}
    return Product.model_validate(columns, by_name=True)
