"""What end-to-end tests need: the whole system, started as `make up` starts it."""

from __future__ import annotations

import asyncio

import pytest

from local import stack
from tests.support.stock.selling import ship_no_orders, source_no_orders


@pytest.fixture(scope="package")
def system(ready_servers: dict[str, str]) -> dict[str, str]:
    """Every server and process, ready. Inventory and shipping leave orders alone, except in tests of these."""
    stack.up(ready_servers)
    asyncio.run(source_no_orders())
    asyncio.run(ship_no_orders())
    return ready_servers


@pytest.fixture(scope="package", autouse=True)
def _system_runs(system: dict[str, str]) -> None:
    """Every test in this folder has it."""
