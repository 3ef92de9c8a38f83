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

MOST_NAME, MOST_DESCRIPTION = 200, 2000
"""Characters that the columns hold."""


async def make_categories(tx: Connection, products: Iterable[Sequence[dict[str, Any]]]) -> None:
    """Create the categories that these products only name."""
    named: dict[str, dict[str, Any]] = {}
    for each in (each for categories in products for each in categories if not each.get("slug")):
        named.setdefault(slug_of(each["name"]), each)
    existing = await tree.with_ancestors(tx, named)
    for slug, each in named.items():
        if slug not in existing:
            await repository.insert_category(tx, _category(slug, each["name"], each.get("description")))


def _category(slug: str, name: str, description: Any) -> NewCategory:
    """A root. What was stored in JSON may be what a column cannot hold, which must not stop the others."""
    return NewCategory.model_construct(
        slug=slug,
        name=name.replace("\0", "")[:MOST_NAME].strip() or slug,
        description=description.replace("\0", "")[:MOST_DESCRIPTION] if isinstance(description, str) else None,
        parent=None,
        position=0,
    )
