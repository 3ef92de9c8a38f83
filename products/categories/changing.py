"""Creates and changes categories in a transaction that has locked the tree."""

from __future__ import annotations

from chassis.bulk.exported import ExportedState
from chassis.databases.mysql import Connection
from products.categories import copies, repository, rules, tree
from products.categories.limits import MOST_CATEGORIES, MOST_CATEGORIES_AT_ONCE, MOST_PRODUCTS_AT_ONCE
from products.categories.models import Category, CategoryInput, NewCategory
from products.categories.problems import invalid_parent, slug_taken, too_many_categories
from products.problems import changed_meanwhile


async def create(tx: Connection, new: NewCategory, exported: ExportedState | None = None) -> Category:
    """Create a category. Raises the problems of its slug, its parent, and of too many categories."""
    await _check_parent(tx, new.slug, new.parent, {})
    if await repository.count_categories(tx) >= MOST_CATEGORIES:
        raise too_many_categories()
    try:
        return await repository.insert_category(tx, new, exported)
    except repository.SlugTaken as error:
        raise slug_taken(new.slug) from error


async def change(tx: Connection, category: Category, new: CategoryInput, most: int = MOST_PRODUCTS_AT_ONCE) -> Category:
    """Replace a category, and the copies that at most `most` products have of it and its descendants.

    The products of more than MOST_CATEGORIES_AT_ONCE categories are all left to the background. Raises the problem of
    its parent.
    """
    has_moved = new.parent != category.parent
    below = await tree.descendants(tx, category.slug) if has_moved else {}
    if has_moved:
        await _check_parent(tx, category.slug, new.parent, below)
    changed = await repository.update_category(tx, category, new)
    if changed is None:
        raise changed_meanwhile()
    if has_moved or new.name != category.name:
        affected = [category.slug, *below]
        await copies.mark_changed(tx, affected)
        if len(affected) <= MOST_CATEGORIES_AT_ONCE:
            await copies.copy_changes(tx, most, affected)
    return changed


async def _check_parent(tx: Connection, slug: str, parent: str | None, below: dict[str, str | None]) -> None:
    above = await tree.with_ancestors(tx, [parent] if parent else [])
    parents = {name: node.parent for name, node in above.items()}
    try:
        rules.check_parent(slug, parent, below | parents, below)
    except rules.InvalidParent as error:
        raise invalid_parent(str(error)) from error
