"""Three stores sell at their tills and online while every process is killed, or while one store is cut off."""

from __future__ import annotations

import asyncio

import pytest

from local import stack
from tests.support.stock.selling import orders_are_sourced, violations
from tests.support.system.commands import oms

pytestmark = pytest.mark.drill


@pytest.mark.timeout(1500)  # for minutes of sales, and until all that was killed is back
async def test_no_unit_is_sold_twice_and_no_sale_is_lost(system: dict[str, str]) -> None:
    said = await _drilled(system, "--kill", "--minutes", "4", "--units", "60")

    assert "no time to kill" not in said
    assert said.count("killed") >= 8


@pytest.mark.timeout(1500)
async def test_a_store_that_is_cut_off_sells_on_and_no_sale_is_lost(system: dict[str, str]) -> None:
    said = await _drilled(system, "--cut-off", "lima", "--minutes", "2", "--units", "600")

    assert "lima was stale" in said


async def _drilled(system: dict[str, str], *options: str) -> str:
    async with orders_are_sourced():
        code, said = await oms("drill", "stores", *options)
        await asyncio.to_thread(stack.up, system, say=lambda _: None)  # starts nothing, waits until all are ready
        found = await violations()

    assert code == 0, said
    assert found == []
    return said
