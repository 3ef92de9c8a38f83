"""Compares the stock in Redis with availability in MySQL: V6. Redis may be empty or unavailable, but not wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis import settings
from chassis.databases.mysql import Database, placeholders
from chassis.logs import logger
from contracts.inventory.availability import FREE_TO_PROMISE
from contracts.stock_in_redis import read_stock, stock_key
from reconciliation.stock.databases import Place
from reconciliation.stock.rules import Check, Remedy, Rule
from reconciliation.stock.violations import Violation

log = logger(__name__)

PLACE = Place("redis")
AT_ONCE = 500
TIMEOUT_S = 5.0

VALUE = Check(Rule.CACHE, "value", "{redis}; availability has {mysql}", ("redis",), Remedy.CACHE)
TOKENS = Check(
    Rule.CACHE, "tokens", "{held} units of requests in progress, their tokens say {tokens}", (), Remedy.CACHE
)

_SELECT = f"""
SELECT sku, store_id, version, {FREE_TO_PROMISE} AS free FROM inventory.availability WHERE sku IN ({{}})
"""


class Cache:
    """The Redis with the stock."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def violations(self, database: Database) -> list[Violation]:
        """What is wrong in Redis; nothing while it is unavailable. Raises Unavailable for MySQL."""
        found: list[Violation] = []
        try:
            async for skus in self._skus():
                async with self._redis.pipeline(transaction=False) as pipeline:
                    for sku in skus:
                        pipeline.hgetall(stock_key(sku))
                    hashes = dict(zip(skus, await pipeline.execute(), strict=True))
                found += await _compare(database, hashes)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("stock in redis is not verified", reason=f"{type(error).__name__}: {error}")
        return found

    async def forget(self, sku: str) -> None:
        """Remove a SKU: MySQL decides about it, and fills it in again. Raises RedisError."""
        await self._redis.delete(stock_key(sku))

    async def _skus(self) -> AsyncIterator[list[str]]:
        prefix, some = stock_key(""), list[str]()
        async for key in self._redis.scan_iter(match=f"{prefix}*", count=AT_ONCE):
            some.append(key.removeprefix(prefix))
            if len(some) == AT_ONCE:
                yield some
                some = []
        if some:
            yield some


@asynccontextmanager
async def open_cache() -> AsyncIterator[Cache]:
    """The Redis that `inventory` uses. Raises SettingMissing."""
    of = settings.stock_redis()
    redis = Redis(
        host=of.host,
        port=of.port,
        password=of.password,
        decode_responses=True,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
    )
    try:
        yield Cache(redis)
    finally:
        await redis.aclose()


async def _compare(database: Database, hashes: Mapping[str, Mapping[str, str]]) -> list[Violation]:
    # MySQL after Redis, so that Redis cannot be newer.
    async with database.reading() as connection:
        rows = await connection.fetch_all(_SELECT.format(placeholders(hashes)), [*hashes])
    promised: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows:
        promised.setdefault(row["sku"], {})[row["store_id"]] = max(0, int(row["free"])), row["version"]
    return [each for sku, fields in hashes.items() for each in _wrong(sku, fields, promised.get(sku, {}))]


def _wrong(sku: str, fields: Mapping[str, str], promised: Mapping[str, tuple[int, int]]) -> Iterator[Violation]:
    try:
        seen = read_stock(fields)
    except (ValueError, KeyError):
        yield _violation(VALUE, sku, "", redis="its fields are malformed", mysql="")
        return
    for store_id, stock in seen.items():
        in_redis, in_mysql = (stock.available, stock.version), promised.get(store_id)
        if in_redis != in_mysql:
            yield _violation(VALUE, sku, store_id, redis=_text(in_redis), mysql=_text(in_mysql))
        tokens = sum(_units(value) for field, value in fields.items() if field.startswith(f"{store_id}|"))
        if tokens != stock.held:
            yield _violation(TOKENS, sku, store_id, held=stock.held, tokens=tokens)


def _units(token: str) -> int:
    units = token.partition(" ")[0]
    return int(units) if units.isdecimal() else 0


def _text(stock: tuple[int, int] | None) -> str:
    return f"{stock[0]} at version {stock[1]}" if stock else "no such stock"


def _violation(check: Check, sku: str, store_id: str, **shown: object) -> Violation:
    state: Sequence[object] = [shown[name] for name in check.state]
    return Violation(check.rule, PLACE, f"{store_id}/{sku}", check.text.format(**shown), check, tuple(state), sku)
