"""What integration tests need: the servers, without our processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import running_servers


@pytest.fixture(scope="package")
def servers() -> Iterator[dict[str, str]]:
    yield from running_servers()


@pytest.fixture(scope="package", autouse=True)
def _servers_run(servers: dict[str, str]) -> None:
    """Every test in this folder has them."""
