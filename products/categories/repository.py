"""The SQL of categories."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pymysql

from chassis.bulk.exported import CREATION_TIMES, ExportedState, creation_times
from chassis.databases.mysql import DUPLICATE, Connection, Row
from products.categories.models import Category, CategoryInput, CategoryLine, NewCategory

COLUMNS = "slug, name, description, parent_slug, position, created_at, updated_at, version"


class SlugTaken(Exception):
    """A category with this slug exists."""


async def insert_category(tx: Connection, new: NewCategory, exported: ExportedState | None = None) -> Category:
    """Create a category, with a version above those of any earlier one of this slug. Raises SlugTaken.

    An exported one keeps its times, and its version unless that is too low.
    """
    await _begin_versions(tx, new.slug)
    try:
        await tx.execute(
            f"""
            INSERT INTO category (slug, name, description, parent_slug, position, created_at, updated_at, version)
            VALUES (%s, %s, %s, %s, %s, {CREATION_TIMES},
                    (SELECT GREATEST(version, %s) FROM known_category WHERE known_category.slug = %s))
            """,
            [new.slug, *_values(new), *creation_times(exported), exported.version if exported else 1, new.slug],
        )
    except pymysql.err.IntegrityError as error:
        raise SlugTaken() if error.args[0] == DUPLICATE else error from error
    return await _here(tx, new.slug)


async def find_category(connection: Connection, slug: str, *, lock: bool = False) -> Category | None:
    """One category, or None. With `lock`, locked until the transaction ends."""
    sql = f"SELECT {COLUMNS} FROM category WHERE slug = %s" + (" FOR UPDATE" if lock else "")
    row = await connection.fetch_one(sql, [slug])
    return shown(row) if row else None


async def update_category(tx: Connection, category: Category, new: CategoryInput) -> Category | None:
    """Replace all members that a client can write. None if the category has another version."""
    changed = await tx.execute(
        """
        UPDATE category SET name = %s, description = %s, parent_slug = %s, position = %s,
            updated_at = UTC_TIMESTAMP(3), version = version + 1
        WHERE slug = %s AND version = %s
        """,
        [*_values(new), category.slug, category.version],
    )
    return await _here(tx, category.slug) if changed else None


async def delete_category(tx: Connection, category: Category) -> None:
    """Delete a locked category, and record the version of the deletion."""
    await tx.execute("DELETE FROM category WHERE slug = %s", [category.slug])
    await tx.execute("DELETE FROM category_change WHERE slug = %s", [category.slug])
    await tx.execute("DELETE FROM product_category WHERE slug = %s", [category.slug])  # of products deleted by hand
    await tx.execute("UPDATE known_category SET version = %s WHERE slug = %s", [category.version + 1, category.slug])


async def content(tx: Connection, slug: str) -> str | None:
    """What prevents the deletion of a category: `children`, `products`, or None."""
    if await tx.fetch_one("SELECT slug FROM category WHERE parent_slug = %s LIMIT 1", [slug]):
        return "children"
    of_category = "SELECT sku FROM product_category JOIN products USING (sku) WHERE slug = %s LIMIT 1"
    return "products" if await tx.fetch_one(of_category, [slug]) else None


async def count_categories(tx: Connection) -> int:
    """The number of categories."""
    row = await tx.fetch_one("SELECT COUNT(*) AS found FROM category")
    assert row is not None, "an aggregate has one row"
    return int(row["found"])


async def all_categories(connection: Connection) -> list[Category]:
    """The whole tree, in any order."""
    return [shown(row) for row in await connection.fetch_all(f"SELECT {COLUMNS} FROM category")]


def shown(row: Row) -> Category:
    """The REST representation of a row."""
    return Category.model_validate({**row, "parent": row["parent_slug"]}, by_name=True, extra="ignore")


def differing(category: Category, line: CategoryLine) -> list[str]:
    """The members in which an existing category differs from one in a request."""
    return [name for name in CategoryInput.model_fields if getattr(category, name) != getattr(line, name)]


def _values(new: CategoryInput) -> Collection[Any]:
    return [new.name, new.description, new.parent, new.position]


async def _here(tx: Connection, slug: str) -> Category:
    category = await find_category(tx, slug)
    assert category is not None, "written in this transaction"
    return category


async def _begin_versions(tx: Connection, slug: str) -> None:
    """Record the first version of a category, like `products/repository.py` that of a product."""
    await tx.execute(
        """
        INSERT INTO known_category (slug, version) VALUES (%s, 1)
        ON DUPLICATE KEY UPDATE version = GREATEST(version + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED))
        """,
        [slug],
    )
