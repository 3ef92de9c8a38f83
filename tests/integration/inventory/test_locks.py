"""Two transactions of inventory that want the same rows take turns: all lock in one order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from inventory import settings
from inventory.sweeps import expire
from tests.support.eventually import eventually
from tests.support.stock.sourcing import Inventory, a_stock, an_order, empty_inventory
from tests.support.system.binlogs import administrator

WAITING = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"


@pytest.fixture
async def inventory(servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    monkeypatch.setattr(settings, "SAFETY_MARGIN", 0)
    async with empty_inventory() as opened:
        yield opened


async def test_a_cart_that_is_released_while_its_order_arrives_makes_no_deadlock(inventory: Inventory) -> None:
    """Its client has locked the hold, and locks availability only once the order is being decided."""
    await inventory.stock(a_stock("A", 5))
    hold_id = await inventory.hold(A=2)
    order, lines = an_order(("A", 2), reservation_id=hold_id)

    async with inventory.database.transaction() as tx:
        await tx.fetch_one("SELECT 1 FROM hold WHERE hold_id = %s FOR UPDATE", [str(hold_id)])
        deciding = asyncio.create_task(inventory.order(order, *lines))

        async def is_waiting() -> None:
            async with administrator() as connection:
                assert await connection.fetch_one(WAITING)

        await eventually(is_waiting)
        await tx.execute("UPDATE availability SET reserved = 0, version = version + 1 WHERE sku = 'A'")
        await tx.execute("UPDATE reservation SET state = 'released', version = version + 1 WHERE sku = 'A'")
        await tx.execute("UPDATE hold SET status = 'released', version = version + 1")
    await deciding

    assert (await inventory.available("A")).reserved == 2
    [row] = await inventory.reservations(order)
    assert (row.hold_id, row.state) == (None, "asked")


async def test_a_cart_that_was_extended_since_it_was_found_keeps_its_units(inventory: Inventory) -> None:
    await inventory.stock(a_stock("A", 5))
    due, extended = await inventory.hold(expires_in_s=10, A=2), await inventory.hold(expires_in_s=600, A=3)
    inventory.clock.advance(11)

    ended = await expire(inventory.database, [str(due), str(extended)], inventory.clock)

    assert ended == 1
    assert (await inventory.available("A")).reserved == 3
