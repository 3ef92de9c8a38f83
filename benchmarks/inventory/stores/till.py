"""A till of the store, which sells and receives units over HTTP."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

from benchmarks.inventory.shelves import STORE
from chassis.addresses import store_process
from oms.company.rest import Rest
from oms.company.retries import until_available


class Moved(NamedTuple):
    """The stock as the store answered, and the Consistency-Token of that answer."""

    stock: dict[str, Any]
    token: str


async def move(rest: Rest, sku: str, units: int) -> Moved:
    """Receive units, or sell them if they are below 0. Raises RequestRefused, and ServiceUnavailable."""
    reason, reference = "received" if units > 0 else "sold", str(uuid4())
    moved = {"sku": sku, "delta": units, "reason": reason, "reference": reference}
    path = f"/stores/{STORE}/stock-movements"
    answer = await until_available(lambda: rest.post(store_process(STORE), path, moved, reference))
    return Moved(answer.json()["stock"], answer.headers["Consistency-Token"])
