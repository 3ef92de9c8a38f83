"""The SQL of products."""

from __future__ import annotations

from collections.abc import Sequence

import pymysql

from chassis.databases.mysql import DUPLICATE, Connection, Row, placeholders
from contracts import money
from products.categories import copies, tree
from products.models import NewProduct, Product, ProductInput, once_each

COLUMNS = """
    sku, name, description, price, currency, type, length, width, height, weight, unit, categories, active,
    created_at, updated_at, version
"""


class SkuTaken(Exception):
    """A product with this SKU exists."""


async def insert_product(tx: Connection, new: NewProduct) -> Product:
    """Create a product, with a version above those of any earlier product of this SKU.

    Raises SkuTaken, and the 422 problem of categories that do not exist.
    """
    if new.categories:
        tree.lock_shared(tx)
    categories = await copies.copied(tx, new.categories)
    await _begin_versions(tx, new.sku)
    try:
        await tx.execute(
            """
            INSERT INTO products (sku, name, description, price, currency, type, length, width, height, weight, unit,
                                  categories, active, created_at, updated_at, version)
            VALUES (%(sku)s, %(name)s, %(description)s, %(price)s, %(currency)s, %(type)s, %(length)s, %(width)s,
                    %(height)s, %(weight)s, %(unit)s, %(categories)s, %(active)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
                    (SELECT version FROM known_sku WHERE known_sku.sku = %(sku)s))
            """,
            {**new.model_dump(), "categories": categories},
        )
    except pymysql.err.IntegrityError as error:
        raise SkuTaken() if error.args[0] == DUPLICATE else error from error
    copies.put_into(tx, new.sku, new.categories)
    return await _here(tx, new.sku)


async def find_product(connection: Connection, sku: str, *, lock: bool = False) -> Product | None:
    """One product, or None. With `lock`, locked until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM products WHERE sku = %s"
    row = await connection.fetch_one(sql + (" FOR UPDATE" if lock else ""), [sku])
    return shown(row) if row else None


async def find_products(connection: Connection, skus: Sequence[str]) -> dict[str, Product]:
    """The existing products of these SKUs, by SKU."""
    rows = await connection.fetch_all(f"SELECT {COLUMNS} FROM products WHERE sku IN ({placeholders(skus)})", skus)
    return {row["sku"]: shown(row) for row in rows}


async def update_product(tx: Connection, product: Product, new: ProductInput) -> Product | None:
    """Replace all members that a client can write. None if the product has another version.

    Lock the tree first if the categories may change. Raises the 422 problem of categories that do not exist.
    """
    has_moved = new.categories != product.categories
    categories = await copies.copied(tx, new.categories) if has_moved else None
    changed = await tx.execute(
        """
        UPDATE products
        SET name = %(name)s, description = %(description)s, price = %(price)s, currency = %(currency)s,
            type = %(type)s, length = %(length)s, width = %(width)s, height = %(height)s, weight = %(weight)s,
            unit = %(unit)s, categories = COALESCE(%(categories)s, categories), active = %(active)s,
            updated_at = UTC_TIMESTAMP(3), version = version + 1
        WHERE sku = %(sku)s AND version = %(version)s
        """,
        {**new.model_dump(), "categories": categories, "sku": product.sku, "version": product.version},
    )
    if changed and has_moved:
        copies.put_into(tx, product.sku, new.categories, product.categories)
    return await _here(tx, product.sku) if changed else None


async def lock_sku(tx: Connection, sku: str) -> None:
    """Lock a SKU against creation and deletion of its product; both take this lock first, to avoid deadlocks."""
    await tx.execute("SELECT version FROM known_sku WHERE sku = %s FOR UPDATE", [sku])


async def delete_product(tx: Connection, product: Product) -> bool:
    """Delete a product and record the version of the deletion. False if the product has another version."""
    gone = await tx.execute("DELETE FROM products WHERE sku = %s AND version = %s", [product.sku, product.version])
    copies.put_into(tx, product.sku, [], product.categories)
    await tx.execute("UPDATE known_sku SET version = %s WHERE sku = %s", [product.version + 1, product.sku])
    return gone == 1


async def _begin_versions(tx: Connection, sku: str) -> None:
    """Record the first version of a product: 1, or for a SKU that was used before the time in milliseconds.

    That is higher than any number of changes, even if the row was deleted by hand without recording its version. If
    the clock is not ahead (deletion and creation within a millisecond), the recorded version plus 1 is used.
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


def slugs_of(categories: str) -> list[str]:
    """The slugs in the column `categories`."""
    return once_each([each.slug for each in copies.decode(categories)])


def shown(row: Row) -> Product:
    """The REST representation of a row."""
    price = money.format_price(row["price"], row["currency"])
    columns = {**row, "price": price, "categories": slugs_of(row["categories"])}
    return Product.model_validate(columns, by_name=True)
