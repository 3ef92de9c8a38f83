"""A line of categories.jsonl, the request body made from it, and the line made from an exported category. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oms.company.files import Position
from oms.company.lines.base import Body, Exported, Line, body_of, exported_member, without_nulls


class Category(Line, kw_only=True, frozen=True):
    """One line of categories.jsonl; `parent` is the slug of another category, or of one that exists already."""

    slug: str
    name: str
    description: str | None = None
    parent: str | None = None
    position: int = 0
    exported: Exported | None = None


def category_body(category: Category) -> Body:
    """A line of POST /categories/bulk."""
    return {**body_of(category, exported=category.exported), **exported_member(category.exported)}


def category_line(category: Mapping[str, Any]) -> Body:
    """A line of categories.jsonl from a category as its service exports it."""
    return without_nulls(category)


def parents_first(categories: Sequence[tuple[Position, Category]]) -> list[tuple[Position, Category]]:
    """The lines in an order in which each follows its parent; those of a cycle come last, and are refused."""
    children: dict[str | None, list[tuple[Position, Category]]] = {}
    slugs = {category.slug for _, category in categories}
    for line in categories:
        parent = line[1].parent
        children.setdefault(parent if parent in slugs else None, []).append(line)
    ordered = children.pop(None, [])
    for _, category in ordered:  # grows while it is read
        ordered += children.pop(category.slug, [])
    return ordered + [line for cycle in children.values() for line in cycle]
