"""What end-to-end tests need: the whole system, started as `make up` starts it."""

from __future__ import annotations

import pytest

from local import stack


@pytest.fixture(scope="package")
def system(ready_servers: dict[str, str]) -> dict[str, str]:
    """Every server and process, ready."""
    stack.up(ready_servers)
    return ready_servers


@pytest.fixture(scope="package", autouse=True)
def _system_runs(system: dict[str, str]) -> None:
    """Every test in this folder has it."""
