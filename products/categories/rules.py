"""The rules of the tree: pure functions of the parents of categories, `None` for a root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from products.categories.limits import MOST_DEPTH

Parents = Mapping[str, str | None]
"""The parent of each category; with a category, all its ancestors are there."""


class InvalidParent(Exception):
    """A category cannot have this parent; the text says why."""


def path_of(slug: str, parents: Parents) -> tuple[str, ...]:
    """The slugs from the root to the category itself.

    Ends at a parent that does not exist, and before one that it has already: rows may have been changed by hand.
    """
    path = [slug]
    while (parent := parents.get(path[-1])) is not None and parent in parents and parent not in path:
        path.append(parent)
    return tuple(reversed(path))


def check_parent(slug: str, parent: str | None, parents: Parents, descendants: Iterable[str] = ()) -> None:
    """Check that `slug`, with its descendants, can have this parent.

    `parents` has the new parent with its ancestors, and the descendants. Raises InvalidParent.
    """
    parents = {slug: None, **parents}
    if parent is None:
        path: tuple[str, ...] = ()
    elif parent not in parents:
        raise InvalidParent(f"category {parent} does not exist")
    else:
        path = path_of(parent, parents)
    if slug in path:
        below = "itself" if parent == slug else f"its descendant {parent}"
        raise InvalidParent(f"category {slug} cannot be below {below}")
    depth = len(path) + height(slug, parents, descendants)
    if depth > MOST_DEPTH:
        raise InvalidParent(f"the tree would be {depth} levels deep; the limit is {MOST_DEPTH}")


def height(slug: str, parents: Parents, descendants: Iterable[str]) -> int:
    """The levels of the tree whose root is `slug`: 1 without descendants."""
    paths = (path_of(each, parents) for each in descendants)
    return max((len(path) - path.index(slug) for path in paths if slug in path), default=1)
