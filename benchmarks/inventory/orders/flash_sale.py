"""A flash sale on the whole system: how long after the last order was placed the last one is decided."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from benchmarks.inventory.shelves import STORE
from benchmarks.measures import ratio
from oms.drill.buyers import Through
from oms.drill.flash_sale import run_sale, show
from orders.settings import database

# The clock of the service that writes these times is that of all: they run on one machine.
_TIMES = "SELECT MIN(placed_at) AS began, MAX(placed_at) AS placed, MAX(updated_at) AS decided FROM `order`"


async def measure_flash_sale(options: Namespace) -> None:
    """Many buyers for few units, each with an order. Raises RuntimeError unless exactly these units are sold."""
    result = await run_sale(STORE, options.buyers, options.units, options.clients, Through.ORDERS, None)
    if wrong := show(result, options.buyers, options.units, Through.ORDERS):
        raise RuntimeError("; ".join(wrong))
    times = await _times()
    placing_s = (times["placed"] - times["began"]).total_seconds()
    decided_s = (times["decided"] - times["began"]).total_seconds()
    print(f"{options.buyers} orders placed in {placing_s:.2f} s, the last one decided after {decided_s:.2f} s")
    print(ratio("flash-sale-placing-to-last-decision", placing_s / decided_s, 1 / 1.3))


async def _times() -> dict[str, datetime]:
    orders = database()
    try:
        async with orders.reading() as connection:
            row = await connection.fetch_one(_TIMES)
    finally:
        await orders.close()
    assert row is not None
    return row
