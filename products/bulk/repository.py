"""The SQL of many products at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chassis.bulk.exported import MADE_AT, made_at
from chassis.databases.mysql import Connection, LostRace, Row, placeholders
from contracts import json_text
from products.bulk.models import ProductLine
from products.models import NewProduct, Product
from products.repository import shown

_COLUMNS = tuple(NewProduct.model_fields)
"""What a client says of a product: a member each, and a column of the same name."""

_ROW = f"({', '.join(['%s'] * len(_COLUMNS))}, {MADE_AT}, %s)"


async def find_rows(connection: Connection, skus: Sequence[str]) -> dict[str, Row]:
    """The rows of those of `skus` that there are."""
    sql = f"SELECT {', '.join(_COLUMNS)}, version FROM products WHERE sku IN ({placeholders(skus)})"
    return {row["sku"]: row for row in await connection.fetch_all(sql, skus)}


async def begin_versions(tx: Connection, products: Sequence[ProductLine]) -> dict[str, int]:
    """Settle the first versions of products, as `repository.insert_product` does of one; an exported one keeps its own.

    It also lets nobody else make or delete them meanwhile. In the order of their SKUs, or two bulks deadlock.
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
    """Make products in one statement, each at the version that was settled for it."""
    values = [
        value
        for product in products
        for value in (*_columns(product).values(), *made_at(product.exported), versions[product.sku])
    ]
    rows = ", ".join([_ROW] * len(products))
    await tx.execute(
        f"INSERT INTO products ({', '.join(_COLUMNS)}, created_at, updated_at, version) VALUES {rows}", values
    )


async def update_product(tx: Connection, product: NewProduct, version: int) -> None:
    """Replace what a product says. Raises LostRace when it is no longer at this version."""
    said = _columns(product)
    changes = ", ".join(f"{column} = %s" for column in said)
    changed = await tx.execute(
        f"UPDATE products SET {changes}, updated_at = UTC_TIMESTAMP(3), version = version + 1"
        " WHERE sku = %s AND version = %s",
        [*said.values(), product.sku, version],
    )
    if not changed:
        raise LostRace("the database")


async def products_after(connection: Connection, sku: str, limit: int) -> list[Product]:
    """The products whose SKU sorts after `sku`, in the order of their bytes."""
    sql = f"SELECT {', '.join(Product.model_fields)} FROM products WHERE sku > %s ORDER BY sku LIMIT %s"
    return [shown(row) for row in await connection.fetch_all(sql, [sku, limit])]


def differing(row: Row, product: NewProduct) -> list[str]:
    """The columns in which the product that is there is another one than a client would make."""
    places = [{"name": each["name"], "description": each.get("description")} for each in _decoded(row["hierarchies"])]
    here = {**row, "hierarchies": places, "active": bool(row["active"])}
    said = product.model_dump()
    return [name for name in _COLUMNS if here[name] != said[name]]


def _decoded(hierarchies: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(hierarchies, type=list[dict[str, Any]])


def _columns(product: NewProduct) -> dict[str, Any]:
    """What is written of a product, by column."""
    said = product.model_dump(include=set(_COLUMNS))
    return {name: json_text.written(said[name]) if name == "hierarchies" else said[name] for name in _COLUMNS}
