"""Incremental reads of a list: the items that were updated in a range of time, in the order of their updates.

A client that keeps a copy sends the largest `updatedAt` that it has seen as `updatedFrom`, minus a few seconds: a slow
transaction may commit after a later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query

from chassis.rest.keysets import BEFORE, FROM, Filter
from chassis.types.times import Moment

UPDATED = "updatedAt"
"""The name of the sort order of incremental reads, for `Listing.sorts`; its column is `updated_at`."""

DESCRIPTION = """
With `updatedFrom` or `updatedBefore`, sorted by `updatedAt`. To keep a copy up to date, read from the largest
`updatedAt` seen so far minus a few seconds, since a slow write may become visible after a later one.
"""
"""For the description of a list that takes `UpdatedRange`."""


async def _updated(
    updated_from: Annotated[
        Moment | None, Query(alias="updatedFrom", description="Updated at this time or later.")
    ] = None,
    updated_before: Annotated[
        Moment | None, Query(alias="updatedBefore", description="Updated before this time.")
    ] = None,
) -> Sequence[Filter]:
    return updated_range(updated_from, updated_before)


def updated_range(updated_from: object, updated_before: object) -> Sequence[Filter]:
    """The filters for rows whose `updated_at` is in this range; None is unbounded."""
    return [
        Filter("updatedFrom", "updated_at", FROM, updated_from),
        Filter("updatedBefore", "updated_at", BEFORE, updated_before),
    ]


UpdatedRange = Annotated[Sequence[Filter], Depends(_updated)]
"""The filters by `updatedFrom` and `updatedBefore`; their values are None without."""
