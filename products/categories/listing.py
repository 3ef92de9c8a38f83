"""The list of categories: its filters, and the index that serves each combination."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query

from chassis.rest.keysets import EQUAL, Filter, Index, Listing, Plan
from chassis.rest.updates import UPDATED, UpdatedRange
from products.categories import repository
from products.categories.models import Slug

CATEGORIES = Listing(
    table="category",
    columns=repository.COLUMNS,
    identity="slug",
    identity_as="slug",
    sorts={"slug": "slug", "position": "position", UPDATED: "updated_at"},
    indexes=(
        Index("PRIMARY", (), "slug"),
        Index("category_by_parent", ("parent_slug",), "position"),
        Index("category_by_update", (), "updated_at"),
        Index("category_by_parent_and_update", ("parent_slug",), "updated_at"),
    ),
)

Sort = Literal["slug", "-slug", "position", "-position", "updatedAt", "-updatedAt"]


async def list_plan(
    parent: Annotated[
        Slug | None, Query(description="Only the children of this category, sorted by `position`.")
    ] = None,
    updated: UpdatedRange = (),
    sort: Annotated[
        Sort | None,
        Query(
            description="`-` means descending. Default: `slug`; with a filter by `parent`, `position`; with one by "
            "`updatedAt`, that."
        ),
    ] = None,
) -> Plan:
    """How to read the categories. Raises the 422 problem of filters and orders that no index serves."""
    return CATEGORIES.plan([Filter("parent", "parent_slug", EQUAL, parent), *updated], sort)


ListPlan = Annotated[Plan, Depends(list_plan)]
