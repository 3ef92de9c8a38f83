"""The SQL of many products at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chassis.bulk.exported import CREATION_TIMES, creation_times
from chassis.databases.mysql import Connection, LockConflict, Row, placeholders
from contracts import json_text
from products.bulk.models import ProductLine
from products.models import NewProduct, Product
from products.repository import shown

_COLUMNS = tuple(NewProduct.model_fields)
"""The members that clients write; each has a column of the same name."""

_ROW = f"({', '.join(['%s'] * len(_COLUMNS))}, {CREATION_TIMES}, %s)"


async def find_rows(connection: Connection, skus: Sequence[str]) -> dict[str, Row]:
    """The existing rows of these SKUs, by SKU."""
    sql = f"SELECT {', '.join(_COLUMNS)}, version FROM products WHERE sku IN ({placeholders(skus)})"
    return {row["sku"]: row for row in await connection.fetch_all(sql, skus)}


async def begin_versions(tx: Connection, products: Sequence[ProductLine]) -> dict[str, int]:
    """Record the first versions of products, like `repository.insert_product`; an exported one keeps its version.

    Also locks the SKUs against creation and deletion, in their order, so that concurrent imports do not deadlock.
    """
    exported = {each.sku: each.exported.version if each.exported else 1 for each in products}
    skus = list(exported)
    values = ", ".join(["(%s, 1)"] * len(skus))
    await tx.execute(
        f"""
        INSERT INTO known_sku (sku, version) VALUES {values}
        ON DUPLICATE KEY UPDATE version = GREATEST(version + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED))
        """,
        sorted(skus),
    )
    known = await tx.fetch_all(f"SELECT sku, version FROM known_sku WHERE sku IN ({placeholders(skus)})", skus)
    return {row["sku"]: max(row["version"], exported[row["sku"]]) for row in known}


async def insert_products(tx: Connection, products: Sequence[ProductLine], versions: dict[str, int]) -> None:
    """Insert products in one statement, each with its recorded version."""
    values = [
        value
        for product in products
        for value in (*_columns(product).values(), *creation_times(product.exported), versions[product.sku])
    ]
    rows = ", ".join([_ROW] * len(products))
    await tx.execute(
        f"INSERT INTO products ({', '.join(_COLUMNS)}, created_at, updated_at, version) VALUES {rows}", values
    )


async def update_product(tx: Connection, product: NewProduct, version: int) -> None:
    """Replace all members that clients write. Raises LockConflict if the product has another version."""
    values = _columns(product)
    changes = ", ".join(f"{column} = %s" for column in values)
    changed = await tx.execute(
        f"UPDATE products SET {changes}, updated_at = UTC_TIMESTAMP(3), version = version + 1"
        " WHERE sku = %s AND version = %s",
        [*values.values(), product.sku, version],
    )
    if not changed:
        raise LockConflict("the database")


async def products_after(connection: Connection, sku: str, limit: int) -> list[Product]:
    """The next products after `sku`, sorted by the bytes of their SKUs."""
    sql = f"SELECT {', '.join(Product.model_fields)} FROM products WHERE sku > %s ORDER BY sku LIMIT %s"
    return [shown(row) for row in await connection.fetch_all(sql, [sku, limit])]


def differing(row: Row, product: NewProduct) -> list[str]:
    """The columns in which an existing row differs from a product in a request."""
    places = [{"name": each["name"], "description": each.get("description")} for each in _decoded(row["categories"])]
    here = {**row, "categories": places, "active": bool(row["active"])}
    requested = product.model_dump()
    return [name for name in _COLUMNS if here[name] != requested[name]]


def _decoded(categories: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(categories, type=list[dict[str, Any]])


def _columns(product: NewProduct) -> dict[str, Any]:
    """The values of a product's columns."""
    members = product.model_dump(include=set(_COLUMNS))
    return {name: json_text.to_json_text(members[name]) if name == "categories" else members[name] for name in _COLUMNS}
