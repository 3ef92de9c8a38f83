"""Many buyers want the last units while processes are killed: exactly these units are sold, and no order is stuck."""

from __future__ import annotations

import asyncio

import pytest

from local import stack
from oms.drill.buyers import Through
from tests.support.stock.selling import orders_are_sourced, violations
from tests.support.system.commands import oms

pytestmark = pytest.mark.drill

BUYERS, UNITS = 400, 20


@pytest.mark.timeout(900)  # seven programs are started again, two of which take half a minute
@pytest.mark.parametrize("through", Through)
async def test_exactly_the_units_are_sold_whatever_is_killed(system: dict[str, str], through: Through) -> None:
    async with orders_are_sourced():
        code, said = await oms(
            *("drill", "flash-sale", "--kill", "--through", through),
            *("--buyers", str(BUYERS), "--units", str(UNITS), "--clients", "32"),
        )
        await asyncio.to_thread(stack.up, system, say=lambda _: None)  # starts nothing, waits until all are ready
        found = await violations()

    assert code == 0, said
    assert f"{UNITS} confirmed" in said
    assert said.count("killed") >= 6
    assert found == []
