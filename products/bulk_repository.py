"""The SQL of many products at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chassis.mysql import Connection, Row, placeholders
from contracts import json_text
from products.models import NewProduct, Product
from products.repository import shown

_COLUMNS = tuple(NewProduct.model_fields)
"""What a client says of a product: a member each, and a column of the same name."""

_ROW = f"({', '.join(['%s'] * len(_COLUMNS))}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), %s)"


async def find_rows(connection: Connection, skus: Sequence[str]) -> dict[str, Row]:
    """The rows of those of `skus` that there are."""
    sql = f"SELECT {', '.join(_COLUMNS)}, version FROM products WHERE sku IN ({placeholders(skus)})"
    return {row["sku"]: row for row in await connection.fetch_all(sql, skus)}


async def begin_versions(tx: Connection, skus: Sequence[str]) -> dict[str, int]:
    """Settle the first versions of products, as `repository.insert_product` does of one.

    It also lets nobody else make or delete them meanwhile. In the order of their SKUs, or two bulks deadlock.
    """
    values = ", ".join(["(%s, 1)"] * len(skus))
    await tx.execute(
        f"""
        INSERT INTO known_sku (sku, version) VALUES {values}
        ON DUPLICATE KEY UPDATE version = GREATEST(version + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED))
        """,
        sorted(skus),
    )
    known = await tx.fetch_all(f"SELECT sku, version FROM known_sku WHERE sku IN ({placeholders(skus)})", skus)
    return {row["sku"]: row["version"] for row in known}


async def insert_products(tx: Connection, products: Sequence[NewProduct], versions: dict[str, int]) -> None:
    """Make products in one statement, each at the version that was settled for it."""
    values = [value for product in products for value in (*_columns(product).values(), versions[product.sku])]
    rows = ", ".join([_ROW] * len(products))
    await tx.execute(
        f"INSERT INTO products ({', '.join(_COLUMNS)}, created_at, updated_at, version) VALUES {rows}", values
    )


async def products_after(connection: Connection, sku: str, limit: int) -> list[Product]:
    """The products whose SKU sorts after `sku`, in the order of their bytes."""
    sql = f"SELECT {', '.join(Product.model_fields)} FROM products WHERE sku > %s ORDER BY sku LIMIT %s"
    return [shown(row) for row in await connection.fetch_all(sql, [sku, limit])]


def says_the_same(row: Row, product: NewProduct) -> bool:
    """Whether the product that is there is the one that a client would make."""
    here = {name: row[name] for name in _COLUMNS}
    return {**here, "hierarchies": msgspec.json.decode(row["hierarchies"])} == product.model_dump()


def _columns(product: NewProduct) -> dict[str, Any]:
    """What is written of a product, by column."""
    said = product.model_dump()
    return {**said, "hierarchies": json_text.written(said["hierarchies"])}
