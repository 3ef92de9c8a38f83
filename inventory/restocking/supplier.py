"""The simulated supplier: some time after each step of a request, the next one. The time is in the row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from chassis.databases.mysql import Database, transact
from inventory import metrics
from inventory.restocking import repository
from inventory.restocking.moving import move_due

MOST = 200
"""Requests in one transaction."""


async def supply(database: Database, clock: Callable[[], datetime], step_s: float) -> int:
    """Do what is due: each request waits `step_s` seconds for each step. Several processes may do so at once.

    Returns how many requests were moved. Raises Unavailable.
    """
    moved = 0
    while True:
        moment = clock()
        until = moment - timedelta(seconds=step_s)
        async with database.reading() as connection:
            due = await repository.due_requests(connection, until, MOST)
        if due:
            work = partial(move_due, ids=[*due], stock_ids={*due.values()}, until=until, moment=moment)
            rows = await transact(database, work)
            metrics.count_restocks(rows)
            moved += len(rows)
        if len(due) < MOST:
            return moved
