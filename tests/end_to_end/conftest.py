"""What end-to-end tests need: the whole system, started as `make up` starts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.servers import running_system


@pytest.fixture(scope="package")
def system() -> Iterator[dict[str, str]]:
    yield from running_system()


@pytest.fixture(scope="package", autouse=True)
def _system_runs(system: dict[str, str]) -> None:
    """Every test in this folder has it."""
