"""Deciding an order once everything it refers to is known: what is missing may be on its way to the replica."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from uuid import UUID

from chassis.mysql import Database
from chassis.retrying import attempts
from orders import replica
from orders.rules import AskedLine, Placed, References, UnknownReference
from orders.settings import REFERENCE_WAIT_S

Decide = Callable[[UUID, Sequence[AskedLine], References], Placed]


async def once_known(database: Database, customer_id: UUID, asked: Sequence[AskedLine], decide: Decide) -> Placed:
    """What `decide` says, looking again for unknown references for `REFERENCE_WAIT_S` before they are refused."""
    deadline = monotonic() + REFERENCE_WAIT_S
    async for _ in attempts(first_s=0.05, most_s=0.4):
        async with database.reading() as connection:
            known = await replica.references(connection, customer_id, asked)
        try:
            return decide(customer_id, asked, known)
        except UnknownReference:
            if monotonic() > deadline:
                raise
    raise AssertionError("attempts never ends")
