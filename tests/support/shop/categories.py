"""Categories, created through a client of the products service, and the tree that products have copies of."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import msgspec

from chassis.databases.mysql import Database
from contracts.products import Category
from products.categories import tree


def a_slug() -> str:
    """A slug that is not in use."""
    return f"c-{uuid4().hex[:12]}"


async def a_category(products: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """A category with a unique slug, by default a root."""
    answer = await products.post("/categories", json={"slug": a_slug(), "name": "Drinks"} | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def a_branch(products: httpx.AsyncClient, *names: str) -> list[str]:
    """Categories, each the parent of the next. Returns their slugs."""
    slugs: list[str] = []
    for name in names:
        slugs.append((await a_category(products, name=name, parent=slugs[-1] if slugs else None))["slug"])
    return slugs


async def stale_products(mysql: Database) -> list[str]:
    """Products whose copies are not what the tree says, or that the index of products by category has wrongly."""
    async with mysql.reading() as connection:
        rows = await connection.fetch_all("SELECT sku, categories FROM products")
        pairs = await connection.fetch_all("SELECT slug, sku FROM product_category")
        held = {row["sku"]: msgspec.json.decode(row["categories"], type=list[Category]) for row in rows}
        nodes = await tree.with_ancestors(connection, {each.slug for copies in held.values() for each in copies})
    indexed: dict[str, set[str]] = {}
    for pair in pairs:
        indexed.setdefault(pair["sku"], set()).add(pair["slug"])
    return [
        sku
        for sku, copies in held.items()
        if copies != tree.copies([each.slug for each in copies if each.slug in nodes], nodes)
        or indexed.get(sku, set()) != {each.slug for each in copies}
    ]
