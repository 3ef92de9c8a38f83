"""The part of the demonstration about suppliers: a stock at its reorder level is requested, and arrives."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

from chassis.addresses import store_process
from chassis.retrying import attempts
from oms.company.rest import Rest
from oms.company.retries import until_available
from oms.demo import output
from oms.demo.storefront import graphql
from oms.terminal import console

TIMEOUT_S = 60.0

STORE, SKU = "lima", "NW-0002"
LEVEL = {"reorderTo": 60}
"""Northwind has the levels at which it reorders, not up to which."""

RESTOCK_QUERY = """\
query ($sku: String!) {
  restockRequests(filter: {sku: $sku}, first: 1) {
    edges { node { storeId sku quantity status added refused } }
  }
}"""


async def show_restock(rest: Rest) -> None:
    """Give a stock the level up to which it is restocked, and print the request that follows from it."""
    process, path = store_process(STORE), f"/stores/{STORE}/stock/{SKU}"
    stock = await until_available(lambda: rest.get(process, path))
    await until_available(lambda: rest.patch(process, path, LEVEL, stock.headers["ETag"]))
    console.print(f"[bold]PATCH {path}[/bold] {json.dumps(LEVEL)}")
    output.code(RESTOCK_QUERY, "graphql")
    output.code(output.pretty(await _request(rest)), "json")
    console.print("Its supplier is simulated: it has the status RECEIVED after half a minute.")


async def _request(rest: Rest) -> dict[str, Any]:
    """The newest request in GraphQL once there is one; empty after `TIMEOUT_S`."""
    deadline = monotonic() + TIMEOUT_S
    async for _ in attempts(most_s=0.5):
        found = (await graphql(rest, RESTOCK_QUERY, {"sku": SKU})).get("restockRequests") or {}
        if found.get("edges") or monotonic() > deadline:
            return found
    raise AssertionError("attempts never end")
