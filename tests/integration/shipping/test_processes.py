"""The processes of shipping start, and are ready."""

from __future__ import annotations

import pytest

from tests.support.system.processes import process


@pytest.mark.parametrize("name", ["shipping", "shipping_worker"])
async def test_a_process_gets_ready(name: str) -> None:
    async with process(name) as started:
        assert started.returncode is None
