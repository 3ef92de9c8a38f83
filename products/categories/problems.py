"""The problems of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.http.errors.problem_types import ProblemType
from chassis.http.errors.problems import Problem, fault
from products.categories.limits import MOST_CATEGORIES


def no_such_category(slug: str) -> Problem:
    """The 404 of a category."""
    return Problem(404, "category-not-found", f"category {slug} does not exist")


def slug_taken(slug: str) -> Problem:
    """The 409 of a slug that is in use."""
    detail = f"category {slug} exists already"
    return Problem(409, "slug-taken", detail, errors=[fault("#/slug", detail)])


def category_differs(slug: str, pointers: Sequence[str]) -> Problem:
    """The 409 of a line whose category exists and differs; `pointers` are the members that differ."""
    errors = [fault("#/slug", f"category {slug} exists already")]
    errors += [fault(pointer, "differs from the existing category") for pointer in pointers]
    return Problem(409, "slug-taken", f"category {slug} exists and differs", errors=errors)


def invalid_parent(reason: str) -> Problem:
    """The 422 of a parent that the category cannot have."""
    return Problem(422, "invalid-parent", "the category cannot have this parent", errors=[fault("#/parent", reason)])


def category_not_empty(slug: str, content: str) -> Problem:
    """The 409 of deleting a category that has children or products."""
    return Problem(409, "category-not-empty", f"category {slug} has {content}; move or delete them first")


def too_many_categories() -> Problem:
    """The 409 of one category too many."""
    return Problem(409, "too-many-categories", f"there are {MOST_CATEGORIES:,} categories, which is the limit")


def unknown_categories(unknown: Mapping[int, str]) -> Problem:
    """The 422 of a product whose categories do not exist; `unknown` has their slugs by their index in the list."""
    errors = [fault(f"#/categories/{at}", f"category {slug} does not exist") for at, slug in unknown.items()]
    return Problem(422, "unknown-category", "the product refers to a category that does not exist", errors=errors)


CATEGORY_NOT_FOUND = ProblemType(
    no_such_category("wine"), "There is no category with this slug.", "Check the slug.", "/categories/wine"
)
SLUG_TAKEN = ProblemType(
    slug_taken("beverages"),
    "A category with this slug exists already.",
    "Update that category, or use another slug. In a bulk import, `errors` lists the differences; send `update=true` "
    "to replace the category.",
    "/categories",
)
INVALID_PARENT = ProblemType(
    invalid_parent("category drinks cannot be below its descendant beverages"),
    "The parent does not exist or is below the category, or the tree would be too deep.",
    "Choose another parent.",
    "/categories/drinks",
)
CATEGORY_NOT_EMPTY = ProblemType(
    category_not_empty("drinks", "children"),
    "A category is deleted only once it has neither children nor products.",
    "Move its children and products to other categories, or delete them.",
    "/categories/drinks",
)
TOO_MANY_CATEGORIES = ProblemType(
    too_many_categories(),
    "The tree has as many categories as are supported.",
    "Delete categories that are not used.",
    "/categories",
)
UNKNOWN_CATEGORY = ProblemType(
    unknown_categories({0: "wine"}),
    "A category of the product does not exist.",
    "Create the category first, or correct what `errors` names.",
    "/products",
)

TYPES = (
    CATEGORY_NOT_FOUND,
    SLUG_TAKEN,
    INVALID_PARENT,
    CATEGORY_NOT_EMPTY,
    TOO_MANY_CATEGORIES,
    UNKNOWN_CATEGORY,
)
"""The problem types of categories."""
