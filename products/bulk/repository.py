"""The SQL of many products at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.bulk.exported import CREATION_TIMES, creation_times
from chassis.databases.mysql import Connection, LockConflict, Row, placeholders
from products.bulk.models import ProductLine
from products.categories import copies, tree
from products.categories.tree import Nodes
from products.models import NewProduct, Product
from products.repository import shown, slugs_of

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
    A SKU is missing if the database takes it for another one, which differs from it in blanks at the end only.
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
    return {sku: max(row["version"], exported[sku]) for row in known if (sku := row["sku"]) in exported}


async def insert_products(
    tx: Connection, products: Sequence[ProductLine], versions: dict[str, int], nodes: Nodes
) -> None:
    """Insert products in one statement, each with its recorded version. `nodes` has their categories."""
    values = [
        value
        for product in products
        for value in (*_columns(product, nodes).values(), *creation_times(product.exported), versions[product.sku])
    ]
    rows = ", ".join([_ROW] * len(products))
    await tx.execute(
        f"INSERT INTO products ({', '.join(_COLUMNS)}, created_at, updated_at, version) VALUES {rows}", values
    )
    copies.put_all_into(tx, {(slug, each.sku) for each in products for slug in each.categories})


async def update_product(tx: Connection, product: NewProduct, here: Row, nodes: Nodes) -> None:
    """Replace all members that clients write of the row `here`. Raises LockConflict if it has another version."""
    before = slugs_of(here["categories"])
    has_moved = before != product.categories
    values = _columns(product, nodes if has_moved else None)
    changes = ", ".join(f"{column} = %s" for column in values)
    changed = await tx.execute(
        f"UPDATE products SET {changes}, updated_at = UTC_TIMESTAMP(3), version = version + 1"
        " WHERE sku = %s AND version = %s",
        [*values.values(), product.sku, here["version"]],
    )
    if not changed:
        raise LockConflict("the database")
    if has_moved:
        copies.put_into(tx, product.sku, product.categories, before)


async def products_after(connection: Connection, sku: str, limit: int) -> list[Product]:
    """The next products after `sku`, sorted by the bytes of their SKUs."""
    sql = f"SELECT {', '.join(Product.model_fields)} FROM products WHERE sku > %s ORDER BY sku LIMIT %s"
    return [shown(row) for row in await connection.fetch_all(sql, [sku, limit])]


def differing(row: Row, product: NewProduct) -> list[str]:
    """The columns in which an existing row differs from a product in a request."""
    here = {**row, "categories": slugs_of(row["categories"]), "active": bool(row["active"])}
    requested = product.model_dump()
    return [name for name in _COLUMNS if here[name] != requested[name]]


def _columns(product: NewProduct, nodes: Nodes | None) -> dict[str, Any]:
    """The values of a product's columns; without `nodes`, all but the categories."""
    columns = product.model_dump(include=set(_COLUMNS))
    if nodes is None:
        del columns["categories"]
    else:
        columns["categories"] = copies.encode(tree.copies(product.categories, nodes))
    return {name: columns[name] for name in _COLUMNS if name in columns}
