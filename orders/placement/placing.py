"""Retries work whose references may not have arrived in the replica yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import TypeVar

from chassis.databases.mysql import Connection, Database, transact
from chassis.retrying import attempts
from orders.replica import freshness as replica_freshness
from orders.replica.freshness import Freshness
from orders.replica.references import NotYetKnown, Unknown, UnknownReference
from orders.settings import REFERENCE_WAIT_S

Result = TypeVar("Result")

STALLED_AFTER_S = 10.0
"""A replica that has received nothing for this long is not waited for."""


async def with_known_references(database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """The result of `work`, retried while it raises UnknownReference, for at most `REFERENCE_WAIT_S`.

    Raises UnknownReference if the reference does not exist: the replica has everything from before this call. Raises
    NotYetKnown if that cannot be decided in time, or if the replica has stalled.
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
                raise  # waiting does not help: some of it does not depend on the replica
            if fresh is not None:
                if false := [each for each in missing if _does_not_exist(each, fresh, called_at)]:
                    raise UnknownReference(false) from unknown
                if monotonic() > deadline or _has_stalled(missing, fresh):
                    raise NotYetKnown(missing) from unknown
            async with database.reading() as connection:
                fresh = await replica_freshness.read(connection)
            called_at = min(called_at, fresh.moment)
    raise AssertionError("attempts never ends")


def _does_not_exist(missing: Unknown, fresh: Freshness, called_at: datetime) -> bool:
    """Whether it certainly does not exist; `fresh` was read before it was looked up."""
    return missing.source is None or fresh.is_fresh(missing.source, called_at)


def _has_stalled(missing: list[Unknown], fresh: Freshness) -> bool:
    return any(each.source and fresh.has_stalled(each.source, STALLED_AFTER_S) for each in missing)
