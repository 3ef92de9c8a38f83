"""Doing what needs references to be known: what is missing may be on its way to the replica."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import TypeVar

from chassis.databases.mysql import Connection, Database, transact
from chassis.retrying import attempts
from orders import replica_freshness
from orders.references import NotYetKnown, Unknown, UnknownReference
from orders.replica_freshness import Freshness
from orders.settings import REFERENCE_WAIT_S

Result = TypeVar("Result")

STANDS_STILL_S = 10.0
"""Who waits for a replica that has heard nothing for so long waits in vain."""


async def once_known(database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """What `work` returns, done again while it refers to the unknown, for `REFERENCE_WAIT_S` at most.

    Raises UnknownReference for what does not exist: the replica holds all that there was when this was called. Raises
    NotYetKnown where that is not known in time, or cannot be for now, since the replica stands still.
    """
    deadline = monotonic() + REFERENCE_WAIT_S
    fresh: Freshness | None = None
    called_at = datetime.max
    async for _ in attempts(first_s=0.05, most_s=0.4):
        try:
            return await transact(database, work)
        except UnknownReference as unknown:
            missing = [each for each in unknown.violations if isinstance(each, Unknown)]
            if len(missing) < len(unknown.violations):
                raise  # some of it depends on no replica: to wait is in vain
            if fresh is not None:
                if false := [each for each in missing if _does_not_exist(each, fresh, called_at)]:
                    raise UnknownReference(false) from unknown
                if monotonic() > deadline or _is_in_vain(missing, fresh):
                    raise NotYetKnown(missing) from unknown
            async with database.reading() as connection:
                fresh = await replica_freshness.read(connection)
            called_at = min(called_at, fresh.moment)
    raise AssertionError("attempts never ends")


def _does_not_exist(missing: Unknown, fresh: Freshness, called_at: datetime) -> bool:
    """Whether it is missing for good; the replica was `fresh` before it was looked up."""
    return missing.source is None or fresh.is_fresh(missing.source, called_at)


def _is_in_vain(missing: list[Unknown], fresh: Freshness) -> bool:
    return any(each.source and fresh.stands_still(each.source, STANDS_STILL_S) for each in missing)
