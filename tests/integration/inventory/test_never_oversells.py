"""Random histories on the real decisions and database: nothing is promised twice, and no order waits for ever."""

from __future__ import annotations

import pytest

from contracts.inventory.sourcing import SourcingRow
from inventory import settings
from tests.support.stock.histories import History
from tests.support.stock.sourcing import Inventory, empty_inventory

STEPS = 40


@pytest.mark.parametrize("seed", range(2))
async def test_records_arrive_late_doubled_and_in_any_order(servers, monkeypatch, seed):
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as inventory:
        other = Inventory(settings.database())
        other.clock = inventory.clock
        try:
            history = History(inventory, other, seed, sells_at_till=bool(seed % 2))
            for _ in range(STEPS):
                await history.step()
                await history.check()
            await history.end()
            await history.check_end()
            assert await inventory.rows(SourcingRow, "sourcing")
        finally:
            await other.database.close()
