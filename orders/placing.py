"""Doing what needs references to be known: what is missing may be on its way to the replica."""

from __future__ import annotations

from time import monotonic

from chassis.answers import Answer
from chassis.idempotency import Work
from chassis.mysql import Database, transact
from chassis.retrying import attempts
from orders.references import UnknownReference
from orders.settings import REFERENCE_WAIT_S


async def once_known(database: Database, work: Work) -> Answer:
    """What `work` says, done again while it refers to the unknown, for `REFERENCE_WAIT_S` before that is refused."""
    deadline = monotonic() + REFERENCE_WAIT_S
    async for _ in attempts(first_s=0.05, most_s=0.4):
        try:
            return await transact(database, work)
        except UnknownReference:
            if monotonic() > deadline:
                raise
    raise AssertionError("attempts never ends")
