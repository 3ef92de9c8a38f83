"""Locks of the tree, and the statements that follow its edges.

One row stands for the whole tree. A transaction that changes the tree locks it; one that writes the categories of a
product locks it shared. Both lock it before anything else: so no transaction reads a snapshot from before the lock, and
no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from chassis.databases.mysql import Connection, placeholders
from contracts.products import Category
from products.categories.rules import path_of

_LOCK = "SELECT id FROM category_tree"

# A chain may end in itself only after a change by hand; the limit ends it.
_MOST_STEPS = 50

_ANCESTORS = """
WITH RECURSIVE up (slug, name, parent_slug, steps) AS (
    SELECT slug, name, parent_slug, 0 FROM category WHERE slug IN ({slugs})
    UNION
    SELECT category.slug, category.name, category.parent_slug, up.steps + 1
    FROM up JOIN category ON category.slug = up.parent_slug WHERE up.steps < {most}
)
SELECT DISTINCT slug, name, parent_slug FROM up
"""

_DESCENDANTS = """
WITH RECURSIVE down (slug, parent_slug, steps) AS (
    SELECT slug, parent_slug, 0 FROM category WHERE parent_slug = %s
    UNION
    SELECT category.slug, category.parent_slug, down.steps + 1
    FROM down JOIN category ON category.parent_slug = down.slug WHERE down.steps < {most}
)
SELECT DISTINCT slug, parent_slug FROM down
"""


class Node(NamedTuple):
    """A category with what its products copy."""

    name: str
    parent: str | None


Nodes = dict[str, Node]


async def lock(tx: Connection) -> None:
    """Lock the tree and the categories of all products, before a change of the tree."""
    await tx.execute(f"{_LOCK} FOR UPDATE")


def lock_shared(tx: Connection) -> None:
    """Lock the tree against changes, together with the next statement, before the categories of a product change."""
    tx.later(f"{_LOCK} LOCK IN SHARE MODE")


async def with_ancestors(connection: Connection, slugs: Collection[str]) -> Nodes:
    """Those of these categories that exist, and all their ancestors."""
    wanted = sorted({slug for slug in slugs if slug.isascii()})  # the server does not compare others with the column
    if not wanted:
        return {}
    sql = _ANCESTORS.format(slugs=placeholders(wanted), most=_MOST_STEPS)
    rows = await connection.fetch_all(sql, wanted)
    return {row["slug"]: Node(row["name"], row["parent_slug"]) for row in rows}


async def descendants(connection: Connection, slug: str) -> dict[str, str | None]:
    """The descendants of a category, each with its parent."""
    rows = await connection.fetch_all(_DESCENDANTS.format(most=_MOST_STEPS), [slug])
    return {row["slug"]: row["parent_slug"] for row in rows}


def copies(slugs: Sequence[str], nodes: Nodes) -> list[Category]:
    """What a product in these categories has of them."""
    parents = {slug: node.parent for slug, node in nodes.items()}
    return [Category(slug=slug, name=nodes[slug].name, path=list(path_of(slug, parents))) for slug in slugs]
