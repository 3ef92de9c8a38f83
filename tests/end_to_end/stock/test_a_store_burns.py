"""A store's database is lost: it is rebuilt from the topics, row by row, and the store sells on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from local import stack, supervisor
from local.programs import Program, ours
from tests.support.by_hand import rows_by_hand
from tests.support.eventually import eventually
from tests.support.shop.builders import a_customer, a_product, an_address, client, posted
from tests.support.stock.selling import Shop, orders_are_sourced, violations
from tests.support.system.binlogs import administrator
from tests.support.system.commands import oms

STORE, DATABASE = "lima", "store_lima"
TABLES = {"stock": "stock_id", "stock_movement": "movement_id", "allocation": "allocation_id", "receipt": "inbound_id"}


async def test_a_lost_database_is_rebuilt_from_the_topics(system: dict[str, str]) -> None:
    customer, product = await asyncio.gather(a_customer(), a_product())
    shop = Shop(customer, await an_address(customer), product["sku"])
    await moved(shop.sku, 20, "received")
    await moved(shop.sku, -2, "sold")
    await eventually(lambda: is_known(shop.sku))
    async with orders_are_sourced():
        order = await shop.place(4)
        assert order["status"] == "confirmed"
        await eventually(lambda: is_known(shop.sku))
        before = await rows()
        assert len(before["allocation"]) >= 1

        while_it_runs = await oms("stores", "restore", STORE)
        async with stopped(system):
            await drop()
            code, said = await oms("stores", "restore", STORE)
            assert code == 0, said
            again = await oms("stores", "restore", STORE)
            assert await rows() == before

        await moved(shop.sku, -3, "sold")
        await eventually(lambda: is_known(shop.sku))
        assert (await shop.place(2))["status"] == "confirmed"
        assert await violations() == []
    assert while_it_runs[0] == 1
    assert "is running" in while_it_runs[1]
    assert again[0] == 0, again[1]
    code, said = await oms("stores", "list", "--json")
    assert (code, f'"id": "{STORE}"' in said) == (0, True)


@asynccontextmanager
async def stopped(system: dict[str, str]) -> AsyncIterator[None]:
    """Without the store's process."""
    [program] = [each for each in ours(system) if each.name == DATABASE]
    supervisor.stop_program(program, system)
    try:
        yield
    finally:
        await asyncio.to_thread(_start, program, system)


def _start(program: Program, system: dict[str, str]) -> None:
    supervisor.start_program(program, system)
    stack.up(system, say=lambda _: None)


async def drop() -> None:
    async with administrator() as admin:
        await admin.execute(f"DROP DATABASE {DATABASE}")
        await admin.execute(f"DROP USER {DATABASE}")


async def rows() -> dict[str, list[dict[str, Any]]]:
    return {
        table: await rows_by_hand(DATABASE, f"SELECT * FROM {table} ORDER BY {key}") for table, key in TABLES.items()
    }


async def moved(sku: str, delta: int, reason: str) -> None:
    async with client(DATABASE) as http:
        answer = await posted(http, f"/stores/{STORE}/stock-movements", {"sku": sku, "delta": delta, "reason": reason})
    assert answer.status_code == 201, answer.text


async def is_known(sku: str) -> None:
    """Central has the newest stock."""
    [stock] = await rows_by_hand(DATABASE, "SELECT * FROM stock WHERE sku = %s", [sku])
    known = await rows_by_hand("inventory", "SELECT * FROM availability WHERE stock_id = %s", [stock["stock_id"]])
    assert [(row["stock_version"], row["committed"]) for row in known] == [(stock["version"], stock["committed"])]
