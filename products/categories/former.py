"""Categories of products from before categories were a tree: a name and a description in each product.

The first product's description is that of the category, which becomes a root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.databases.mysql import Connection
from contracts.slugs import slug_of
from products.categories import repository, tree
from products.categories.models import NewCategory


async def make_categories(tx: Connection, products: Iterable[Sequence[dict[str, Any]]]) -> None:
    """Create the categories that these products only name."""
    named: dict[str, dict[str, Any]] = {}
    for each in (each for categories in products for each in categories if not each.get("slug")):
        named.setdefault(slug_of(each["name"]), each)
    existing = await tree.with_ancestors(tx, named)
    for slug, each in named.items():
        if slug not in existing:
            members = {"name": each["name"], "description": each.get("description"), "parent": None, "position": 0}
            await repository.insert_category(tx, NewCategory.model_construct(slug=slug, **members))
