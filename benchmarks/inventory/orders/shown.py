"""When the read model shows an order with each of its statuses: it notifies by a trigger that a benchmark adds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

from benchmarks.measures import Measure
from benchmarks.stream import read_model

WAIT_S = 60.0

_TRIGGER = """
CREATE OR REPLACE FUNCTION notify_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('shown', NEW.order_id || ' ' || NEW.status); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER notify_shown AFTER INSERT OR UPDATE ON sales_order
FOR EACH ROW EXECUTE FUNCTION notify_shown();
"""


class Shown:
    """The times at which orders are visible, and visible with a status, by order id (`perf_counter`)."""

    def __init__(self) -> None:
        self.visible_at: dict[str, float] = {}
        self._first_at: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._reached: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)

    def notified(self, *notification: object) -> None:
        """Note a version of an order in the read model."""
        order_id, status = str(notification[-1]).split()
        self.visible_at.setdefault(order_id, perf_counter())
        if order_id not in self._first_at[status]:
            self._first_at[status][order_id] = perf_counter()
            self._reached[status, order_id].set()

    def first_at(self, status: str) -> Mapping[str, float]:
        """When each order was first visible with this status."""
        return self._first_at[status]

    async def reached(self, status: str, order_id: str) -> None:
        """Wait until an order is visible with this status. Raises TimeoutError."""
        await asyncio.wait_for(self._reached[status, order_id].wait(), WAIT_S)


@asynccontextmanager
async def seeing() -> AsyncIterator[Shown]:
    """Record what the read model shows while the block runs."""
    shown = Shown()
    async with read_model.connected() as connection:
        await connection.execute(_TRIGGER)
        await connection.add_listener("shown", shown.notified)
        yield shown


def latencies(name: str, orders: Sequence[str], begun: Mapping[str, float], ended: Mapping[str, float]) -> Measure:
    """How long each of these orders took, from when it was begun until it was ended (`perf_counter`)."""
    latencies_ms = [(ended[order] - begun[order]) * 1000 for order in orders]
    seconds = max(ended[order] for order in orders) - min(begun[order] for order in orders)
    return Measure(name=name, done=len(orders), seconds=seconds, latencies_ms=latencies_ms)
