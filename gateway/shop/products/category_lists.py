"""Lists of categories: the statements of the executor, and the relations of compiled queries."""

from __future__ import annotations

from typing import Any

import strawberry

from chassis.rest.cursors import InvalidCursor
from gateway.fields.conditions import Conditions, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.nodes import key_of
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Many, Pages

MOST_ANCESTORS = 50
"""The number of ancestors that are looked for; a tree has fewer levels."""


@strawberry.input(description="Categories that match all given conditions; null conditions are ignored.")
class CategoryFilter:
    """Categories that match all given conditions."""

    is_root: bool | None = strawberry.field(
        default=None, description="Whether it has no parent. By default both: the whole tree."
    )


def _slug(text: Any) -> str:
    if not isinstance(text, str) or (key := key_of(text)) is None:
        raise InvalidCursor(str(text))
    return key


KEYSET = Keyset("category", "position", "slug", is_descending=False, kind="integer", read_id=_slug)


def page_of_categories(filter: CategoryFilter, page: Page) -> tuple[str, list[Any]]:
    """A page of categories and one more. Raises InvalidCursor."""
    parameters = Parameters()
    at_most = parameters.bind(page.size + 1)
    rows = PageOfRows("category AS c", "c", _conditions(filter, "c"), KEYSET, page)
    return rows.sql(parameters, at_most, "c.*"), parameters.values


def count_of_categories(filter: CategoryFilter) -> tuple[str, list[Any]]:
    """The number of categories that match."""
    return count_sql("category AS c", _conditions(filter, "c"), "c"), []


def _conditions(filter: CategoryFilter, c: str) -> Conditions:
    of_level = [] if filter.is_root is None else [f"{c}.parent_slug IS {'' if filter.is_root else 'NOT '}NULL"]
    return Conditions([f"NOT {c}.deleted", *of_level])


def _matching(given: Arguments, _: Parameters, alias: str) -> Conditions:
    return _conditions(given["filter"] or CategoryFilter(), alias)


CATEGORIES = Pages("category AS {it}", "", lambda _: KEYSET, _matching)

CHILDREN = Many(
    "category AS {it}",
    "{it}.parent_slug = {parent}.slug AND NOT {it}.deleted",
    order_by="{it}.position, {it}.slug",
)

ANCESTORS = Many(
    "(WITH RECURSIVE above AS ("
    "SELECT up.*, 1 AS step FROM category AS up WHERE up.slug = {parent}.parent_slug AND NOT up.deleted "
    "UNION ALL SELECT up.*, above.step + 1 FROM above JOIN category AS up "
    f"ON up.slug = above.parent_slug AND NOT up.deleted WHERE above.step < {MOST_ANCESTORS}"
    ") SELECT * FROM above) AS {it}",
    "true",
    order_by="{it}.step DESC",
)

COPIED = frozenset({"id", "slug", "name", "__typename"})
"""The fields of a category that its products have copies of."""

OF_PRODUCT = Many(
    "jsonb_array_elements({parent}.categories) WITH ORDINALITY AS listed (value, number) "
    "JOIN category AS {it} ON {it}.slug = listed.value->>'slug'",
    "NOT {it}.deleted",
    order_by="listed.number",
    copies="categories",
    copied=COPIED,
)
"""The categories of a product; only from its copies if these have all fields that are selected."""
