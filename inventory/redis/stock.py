"""What the stock in Redis is asked and told: see `contracts/stock_in_redis.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import time
from typing import Any

from contracts.inventory.availability import AvailabilityRow
from contracts.stock_in_redis import StockInRedis, read_stock, stock_key
from inventory.redis.pipeline import Pipeline, RedisAway
from inventory.redis.scripts import FILL, SETTLE, TAKE, Script

TOKEN_MS = 3000
"""After this time a request whose process has died is forgotten."""

Seen = Mapping[str, Mapping[str, StockInRedis]]
"""The stock by SKU and store."""


class RedisStock:
    """The stock in Redis. Nothing here raises because of Redis: without it, nothing is known."""

    def __init__(self, pipeline: Pipeline, clock: Callable[[], float] = time) -> None:
        self._pipeline = pipeline
        self._clock = clock

    async def read(self, skus: Sequence[str]) -> Seen | None:
        """The stock of all these SKUs; None unless all of them are known."""
        try:
            replies = await self._pipeline.ask([("HGETALL", stock_key(sku)) for sku in skus])
            seen = {sku: read_stock(_fields(reply)) for sku, reply in zip(skus, replies, strict=True)}
        except (RedisAway, ValueError, KeyError):
            return None
        return seen if all(seen.values()) else None

    async def take(self, token: str, wanted: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]] | None:
        """Take units, by SKU and store, for a request in progress.

        Returns the units that are left where there are too few; empty if all were taken; None if it is not known.
        """
        now = int(self._clock() * 1000)
        commands = [
            _call(TAKE, sku, now, TOKEN_MS, token, *(value for pair in of_stores.items() for value in pair))
            for sku, of_stores in wanted.items()
        ]
        try:
            replies = await self._pipeline.ask(commands)
        except RedisAway:
            return None
        short: dict[str, Mapping[str, int]] = {}
        for sku, reply in zip(wanted, replies, strict=True):
            if not isinstance(reply, list) or reply[0] == "unknown":
                return None
            if reply[0] == "short":
                short[sku] = {store: int(left) for store, left in zip(reply[1::2], reply[2::2], strict=True)}
        return short

    def give_back(self, token: str, wanted: Mapping[str, Mapping[str, int]]) -> None:
        """End a request that failed."""
        self._pipeline.tell(
            [
                _call(SETTLE, sku, token, *(value for store in of_stores for value in (store, "", "")))
                for sku, of_stores in wanted.items()
            ]
        )

    def settle(self, token: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store what MySQL has now, and end a request, if there is a token.

        Each row has `sku`, `store_id`, `free` and `version`; those in Redis that are newer stay.
        """
        of_skus: dict[str, list[Any]] = {}
        for row in rows:
            of_skus.setdefault(row["sku"], []).extend((row["store_id"], _promised(row), row["version"]))
        self._pipeline.tell([_call(SETTLE, sku, token, *arguments) for sku, arguments in of_skus.items()])

    def fill(self, rows: Iterable[Mapping[str, Any]], before: Seen | None) -> None:
        """Store what MySQL has in all stores of some SKUs. `before` is what Redis had before that was read."""
        of_skus: dict[str, list[Any]] = {}
        for row in rows:
            had = (before or {}).get(row["sku"], {}).get(row["store_id"])
            of_skus.setdefault(row["sku"], []).extend(
                (row["store_id"], _promised(row), row["version"], had.version if had else "")
            )
        self._pipeline.tell([_call(FILL, sku, *arguments) for sku, arguments in of_skus.items()])

    def forget(self, skus: Iterable[str]) -> None:
        """Let MySQL be read again."""
        self._pipeline.tell([("DEL", stock_key(sku)) for sku in skus])

    async def project(self, rows: Iterable[AvailabilityRow]) -> None:
        """Store rows of the topic. SKUs that nobody has asked for stay unknown."""
        commands = []
        for row in rows:
            free = 0 if row.is_deleted else row.available_to_promise
            commands.append(_call(SETTLE, row.sku, "", row.store_id, free, row.newest_version))
        try:
            await self._pipeline.ask(commands)
        except RedisAway:  # what is wrong there is corrected when it refuses, or MySQL does
            return

    async def close(self) -> None:
        """Send what waits and close the connection."""
        await self._pipeline.close()


def _call(script: Script, sku: str, *arguments: Any) -> tuple[Any, ...]:
    return ("EVALSHA", script.sha, 1, stock_key(sku), *arguments)


def _promised(row: Mapping[str, Any]) -> int:
    return max(0, int(row["free"]))


def _fields(reply: object) -> Mapping[str, str]:
    """The fields of a hash, which come as names and values in turn. Raises ValueError if the key has something else."""
    if not isinstance(reply, list):
        raise ValueError("not a hash")
    return dict(zip(reply[::2], reply[1::2], strict=True))
