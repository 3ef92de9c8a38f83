"""The copies that products have of their categories: name and path, so that no reader has to join the tree.

A write of a product copies its categories in its own transaction. A change of a category is copied to its products in
the transaction of the change, as far as they are few; `category_change` has the rest, which `changes.py` finishes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from chassis.databases.mysql import Connection, Row, placeholders
from chassis.logs import logger
from contracts import json_text
from contracts.products import Category
from products.categories import former, tree
from products.categories.problems import unknown_categories

log = logger(__name__)

EVERY_PRODUCT = ""
"""The slug in `category_change` that stands for all products: those from before categories had slugs."""

CHUNK = 200
"""Products that are read and updated together."""

decode = msgspec.json.Decoder(list[Category]).decode
"""Decodes the column `categories`. Raises `msgspec.MsgspecError`."""


def encode(categories: Sequence[Category]) -> str:
    """The column `categories`."""
    return json_text.to_json_text(categories)


async def copied(tx: Connection, slugs: Sequence[str]) -> str:
    """The column `categories` of a product in these categories. Raises the 422 problem of those that do not exist.

    Lock the tree first.
    """
    nodes = await tree.with_ancestors(tx, slugs)
    if unknown := unknown_of(slugs, nodes):
        raise unknown_categories(unknown)
    return encode(tree.copies(slugs, nodes))


def unknown_of(slugs: Sequence[str], nodes: tree.Nodes) -> dict[int, str]:
    """Those of these categories that do not exist, by their index."""
    return {at: slug for at, slug in enumerate(slugs) if slug not in nodes}


def put_into(tx: Connection, sku: str, slugs: Sequence[str], before: Sequence[str] = ()) -> None:
    """Put a product that is in the categories `before` into these. Sent together with the next statement.

    Only pairs that exist are deleted, each by its key: a DELETE that finds none would lock the gap where it looked, in
    which others insert.
    """
    for slug in sorted({*before} - {*slugs}):
        tx.later("DELETE FROM product_category WHERE slug = %s AND sku = %s", [slug, sku])
    put_all_into(tx, [(slug, sku) for slug in slugs if slug not in before])


def put_all_into(tx: Connection, pairs: Collection[tuple[str, str]]) -> None:
    """Put products into categories, given as pairs of slug and SKU. Sent together with the next statement."""
    if pairs:
        values = ", ".join(["(%s, %s)"] * len(pairs))
        sql = f"INSERT IGNORE INTO product_category (slug, sku) VALUES {values}"
        tx.later(sql, [value for pair in sorted(pairs) for value in pair])


async def mark_changed(tx: Connection, slugs: Sequence[str]) -> None:
    """Record that the products of these categories have old copies."""
    # Read without locks: a product that is being deleted must not wait for this, which waits for the product.
    sql = f"SELECT DISTINCT slug FROM product_category WHERE slug IN ({placeholders(slugs)})"
    if changed := [row["slug"] for row in await tx.fetch_all(sql, slugs)]:
        values = ", ".join(["(%s, '')"] * len(changed))
        sql = f"INSERT INTO category_change (slug, after_sku) VALUES {values} ON DUPLICATE KEY UPDATE after_sku = ''"
        await tx.execute(sql, changed)


async def copy_changes(tx: Connection, most: int, slugs: Sequence[str] | None = None) -> int:
    """Copy the changes of these categories, by default of all, to at most `most` products. Returns how many were read.

    Lock the tree first.
    """
    among = "TRUE" if slugs is None else f"slug IN ({placeholders(slugs)})"
    done = 0
    while done < most:
        sql = f"SELECT slug, after_sku FROM category_change WHERE {among} ORDER BY slug LIMIT 1"
        change = await tx.fetch_one(sql, slugs or ())
        if change is None:
            break
        limit = min(CHUNK, most - done)
        skus = await _products_of(tx, change["slug"], change["after_sku"], limit)
        if skus:
            await _copy(tx, skus, is_former=change["slug"] == EVERY_PRODUCT)
        if len(skus) == limit:
            next_one = (skus[-1], change["slug"])
            await tx.execute("UPDATE category_change SET after_sku = %s WHERE slug = %s", next_one)
        else:  # these were the last ones
            await tx.execute("DELETE FROM category_change WHERE slug = %s", [change["slug"]])
        done += len(skus)
    return done


async def _products_of(tx: Connection, slug: str, after: str, limit: int) -> list[str]:
    if slug == EVERY_PRODUCT:
        rows = await tx.fetch_all("SELECT sku FROM products WHERE sku > %s ORDER BY sku LIMIT %s", [after, limit])
    else:
        sql = "SELECT sku FROM product_category WHERE slug = %s AND sku > %s ORDER BY sku LIMIT %s"
        rows = await tx.fetch_all(sql, [slug, after, limit])
    return [row["sku"] for row in rows]


async def _copy(tx: Connection, skus: Sequence[str], *, is_former: bool) -> None:
    sql = f"SELECT sku, categories FROM products WHERE sku IN ({placeholders(skus)}) ORDER BY sku FOR UPDATE"
    before = {row["sku"]: found for row in await tx.fetch_all(sql, skus) if (found := _readable(row)) is not None}
    if is_former:
        await former.make_categories(tx, before.values())
    held = {sku: [msgspec.convert(each, Category) for each in categories] for sku, categories in before.items()}
    nodes = await tree.with_ancestors(tx, [each.slug for categories in held.values() for each in categories])
    after = {sku: _renewed(categories, nodes) for sku, categories in held.items()}
    await _update(tx, {sku: new for sku, new in after.items() if msgspec.to_builtins(new) != before[sku]})
    if is_former:
        put_all_into(tx, {(each.slug, sku) for sku, new in after.items() for each in new})


def _readable(row: Row) -> list[dict[str, Any]] | None:
    """The categories as they are stored; None if they were made unreadable by hand, which must not stop the others."""
    try:
        decode(row["categories"])
        return msgspec.json.decode(row["categories"], type=list[dict[str, Any]])
    except msgspec.MsgspecError as error:
        log.warning("categories of a product are unreadable", sku=row["sku"], reason=str(error))
        return None


def _renewed(held: Sequence[Category], nodes: tree.Nodes) -> list[Category]:
    """Each category once, as it is now. One that does not exist, after a change by hand, stays as it is."""
    once = {each.slug: each for each in held}
    now = {each.slug: each for each in tree.copies([slug for slug in once if slug in nodes], nodes)}
    return [now.get(slug, each) for slug, each in once.items()]


async def _update(tx: Connection, categories: Mapping[str, Sequence[Category]]) -> None:
    by_text: dict[str, list[str]] = {}
    for sku, new in categories.items():
        by_text.setdefault(encode(new), []).append(sku)
    for text, skus in by_text.items():
        sql = f"""
            UPDATE products SET categories = %s, updated_at = UTC_TIMESTAMP(3), version = version + 1
            WHERE sku IN ({placeholders(skus)})
        """
        await tx.execute(sql, [text, *skus])
