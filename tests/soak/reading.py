"""Readers of the soak: they look at orders through the gateway, and note what no reader may see."""

from __future__ import annotations

import random
from collections import OrderedDict
from typing import Any

import httpx

from tests.soak.clients import Clients

AT_ONCE = 8
REMEMBERED = 2000

ORDERS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Order { id version subtotal { amount } lines { amount { amount } } } }
}
"""


class Reader:
    """Reads orders again and again: a version never decreases, an order stays, and it has all its lines."""

    def __init__(self, clients: Clients, orders: list[str], seed: int) -> None:
        """`orders` grows while others place orders."""
        self._clients = clients
        self._orders = orders
        self._random = random.Random(seed)
        self._versions: OrderedDict[str, int] = OrderedDict()

    async def look(self) -> None:
        """Read some orders: the newest, some that were seen, and some others."""
        if not self._orders:
            return
        newest, seen = self._orders[-3:], list(self._versions)[-100:]
        others = self._random.sample(self._orders, min(3, len(self._orders)))
        ids = list(dict.fromkeys([*newest, *others, *self._random.sample(seen, min(2, len(seen)))]))[:AT_ONCE]
        async with self._clients("gateway") as http:
            data = await self._data(http, ids)
        for order_id, order in zip(ids, data.get("nodes") or [], strict=False):
            self._notice(order_id, order)

    async def _data(self, http: httpx.AsyncClient, ids: list[str]) -> dict[str, Any]:
        answer = (await http.post("/graphql", json={"query": ORDERS, "variables": {"ids": ids}})).json()
        for error in answer.get("errors", ()):
            code = error.get("extensions", {}).get("code", "?")
            self._clients.answers["gateway"][code] += 1
            if code in ("INTERNAL_SERVER_ERROR", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "?"):
                self._clients.problem(f"the gateway answered {code}: {error.get('message')}")
        return {} if "errors" in answer else answer["data"]

    def _notice(self, order_id: str, order: dict[str, Any] | None) -> None:
        seen = self._versions.get(order_id, 0)
        if order is None:
            if seen:
                self._clients.problem(f"order {order_id} was there with version {seen}, and is gone")
            return
        if order["version"] < seen:
            self._clients.problem(f"order {order_id} went back from version {seen} to {order['version']}")
        cents = sum(_cents(line["amount"]["amount"]) for line in order["lines"])
        if cents != _cents(order["subtotal"]["amount"]):
            self._clients.problem(f"order {order_id} has version {order['version']} and not all lines of it")
        self._versions[order_id] = max(seen, order["version"])
        self._versions.move_to_end(order_id)
        if len(self._versions) > REMEMBERED:
            self._versions.popitem(last=False)


def _cents(amount: str) -> int:
    return round(float(amount) * 100)
