"""schemathesis asks each live service all that its OpenAPI document allows, and much that it does not."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis import addresses
from tests.support.shop.catalogue_of_the_examples import a_catalogue_of_the_examples
from tests.support.shop.returns_of_the_examples import returns_of_the_examples
from tests.support.shop.shipments_of_the_examples import CARRIER_SECRETS
from tests.support.shop.shop_of_the_examples import orders_of_the_examples
from tests.support.stock.store_of_the_examples import a_store_of_the_examples
from tests.support.system.processes import CHECKOUT, process


@pytest.fixture(autouse=True)
def _more_patience(_patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with tests is no store that is away; what is not there is not waited for."""
    monkeypatch.setenv("OMS_ELASTICSEARCH_TIMEOUT_S", "60")
    monkeypatch.setenv("OMS_MYSQL_TIMEOUT_S", "60")
    monkeypatch.setenv("OMS_MYSQL_WAIT_TIMEOUT_S", "60")
    monkeypatch.setenv("OMS_REFERENCE_WAIT_S", "0.01")
    monkeypatch.setenv("OMS_CARRIER_SECRETS", CARRIER_SECRETS)


@asynccontextmanager
async def _nothing_more() -> AsyncIterator[None]:
    yield


async def asked(program: str, answers: Path) -> tuple[int | None, str]:
    """The exit code of schemathesis and what it says."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "tests/schemathesis.toml", "run", "--no-color"),
        f"{addresses.url(program)}/openapi.json",
        cwd=CHECKOUT,
        env={**os.environ, "OMS_TEST_ANSWERS": str(answers)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await started.communicate()
    return started.returncode, said.decode()


def times_done(answers: Path) -> Counter[str]:
    """How often each operation was answered with 2xx."""
    calls = [line.rpartition(" ") for line in answers.read_text().splitlines()]
    return Counter(operation for operation, _, status in calls if status.startswith("2"))


def operations(service: str) -> list[str]:
    """All operations of the document that is checked in."""
    paths = json.loads((CHECKOUT / service / "openapi.json").read_text())["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("service", "program", "shop"),
    [
        ("customers", "customers", _nothing_more),
        ("products", "products", a_catalogue_of_the_examples),
        ("orders", "orders", orders_of_the_examples),
        ("stores", "store_seattle", a_store_of_the_examples),
        ("shipping", "shipping", returns_of_the_examples),
    ],
)
async def test_a_live_service_does_what_its_document_says(service, program, shop, tmp_path: Path) -> None:
    answers, log = tmp_path / "answers", tmp_path / "log"
    async with process(program, log), shop():
        exit_code, said = await asked(program, answers)

    assert exit_code == 0, said
    assert "Traceback" not in log.read_text()
    done = times_done(answers)
    print(service, {operation: done[operation] for operation in operations(service)})
    assert all(done[operation] for operation in operations(service)), f"{done}\n{said}"
