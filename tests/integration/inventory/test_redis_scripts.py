"""The Lua scripts: what they count, and what they forget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from contracts.inventory.availability import AvailabilityRow
from contracts.stock_in_redis import StockInRedis
from inventory.decisions.knowledge import Knowledge
from inventory.decisions.wishes import Wish
from inventory.holds.gate import Gate, Unknown
from inventory.models import WantedLine
from inventory.redis.pipeline import Pipeline
from inventory.redis.stock import TOKEN_MS, RedisStock
from tests.support.eventually import eventually
from tests.support.shop.rows import NOON
from tests.support.system.own_redis import OwnRedis, own_redis


class Clock:
    """A time that tests set, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(servers: dict[str, str]) -> AsyncIterator[OwnRedis]:
    async with own_redis() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stock(redis: OwnRedis, clock: Clock) -> AsyncIterator[RedisStock]:
    made = RedisStock(Pipeline(redis.settings), clock)
    yield made
    await made.close()


def row(sku: str, free: int, version: int, store_id: str = "seattle") -> dict[str, object]:
    return {"sku": sku, "store_id": store_id, "free": free, "version": version}


async def known(stock: RedisStock, sku: str) -> dict[str, StockInRedis]:
    seen = await stock.read([sku])
    return dict(seen[sku]) if seen else {}


async def test_a_connection_that_redis_closed_is_opened_again(redis: OwnRedis, stock: RedisStock) -> None:
    stock.fill([row("A", 3, 1)], None)
    await known(stock, "A")

    await redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    assert await known(stock, "A") == {"seattle": StockInRedis(3, 1)}


async def test_units_in_progress_are_not_given_to_another_one(stock: RedisStock) -> None:
    stock.fill([row("A", 3, 1)], None)

    assert await stock.take("one", {"A": {"seattle": 2}}) == {}
    assert await stock.take("two", {"A": {"seattle": 2}}) == {"A": {"seattle": 1}}
    assert await stock.take("one", {"A": {"seattle": 2}}) == {}  # a retry takes nothing
    assert await known(stock, "A") == {"seattle": StockInRedis(3, 1, 2)}


async def test_all_stores_of_a_sku_give_or_none(stock: RedisStock) -> None:
    stock.fill([row("A", 3, 1), row("A", 1, 1, "lima")], None)

    assert await stock.take("one", {"A": {"seattle": 2, "lima": 2}}) == {"A": {"lima": 1}}
    assert (await known(stock, "A"))["seattle"].held == 0


async def test_a_request_that_died_is_forgotten(stock: RedisStock, clock: Clock) -> None:
    stock.fill([row("A", 3, 1)], None)
    await stock.take("dead", {"A": {"seattle": 3}})

    assert await stock.take("next", {"A": {"seattle": 1}}) == {"A": {"seattle": 0}}
    clock.now += TOKEN_MS / 1000
    assert await stock.take("next", {"A": {"seattle": 1}}) == {}
    assert await known(stock, "A") == {"seattle": StockInRedis(3, 1, 1)}


async def test_a_count_without_its_requests_heals(stock: RedisStock, redis: OwnRedis) -> None:
    stock.fill([row("A", 3, 1)], None)
    await known(stock, "A")
    await redis.write("stock:A", **{"seattle:h": "3"})

    assert await stock.take("one", {"A": {"seattle": 3}}) == {}
    assert (await known(stock, "A"))["seattle"].held == 3


async def test_a_request_that_mysql_decides_gives_back_what_it_took(stock: RedisStock, redis: OwnRedis) -> None:
    """Of two SKUs, one has a count that Redis cannot add to."""
    stock.fill([row("A", 3, 1), row("B", 3, 1)], None)
    await redis.write("stock:B", **{"seattle:h": " 1"})
    lines = [WantedLine(sku="A", quantity=2), WantedLine(sku="B", quantity=1)]

    said = await Gate(stock).ask(Wish(lines, None, None, Knowledge({}, {})), "one")

    assert isinstance(said, Unknown)
    assert (await known(stock, "A"))["seattle"].held == 0


async def test_the_newest_version_stays(stock: RedisStock) -> None:
    stock.fill([row("A", 3, 5)], None)
    await stock.take("one", {"A": {"seattle": 1}})

    stock.settle("one", [row("A", 2, 6)])
    stock.settle("", [row("A", 9, 5)])
    stock.settle("one", [row("A", 9, 4)])

    assert await known(stock, "A") == {"seattle": StockInRedis(2, 6, 0)}


async def test_a_sku_that_nobody_asked_for_stays_unknown(stock: RedisStock) -> None:
    """A part of its stores would look like all of them."""
    stock.settle("", [row("A", 3, 5)])

    assert await stock.read(["A"]) is None
    assert await stock.take("one", {"A": {"seattle": 1}}) is None


async def test_a_higher_version_than_that_of_mysql_is_wrong(stock: RedisStock) -> None:
    stock.fill([row("A", 9, 100)], None)
    seen = await stock.read(["A"])

    stock.fill([row("A", 8, 101)], seen)  # another one has committed meanwhile
    stock.fill([row("A", 3, 5)], seen)
    assert (await known(stock, "A"))["seattle"].available == 8

    seen = await stock.read(["A"])
    stock.fill([row("A", 3, 5)], seen)
    assert await known(stock, "A") == {"seattle": StockInRedis(3, 5)}


async def test_the_topic_corrects_what_is_known_and_adds_a_store(stock: RedisStock) -> None:
    stock.fill([row("A", 3, 5)], None)
    await stock.take("one", {"A": {"seattle": 1}})
    topic: dict[str, Any] = {
        "sku": "A",
        "unsellable": 0,
        "committed": 1,
        "reserved": 1,
        "safety_margin": 2,
        "stock_version": 1,
        "updated_at": NOON,
    }
    rows = [
        AvailabilityRow(**topic, stock_id=f"{store}/A", store_id=store, on_hand=on_hand, version=version)
        for store, on_hand, version in (("seattle", 10, 6), ("seattle", 50, 4), ("lima", 2, 1))
    ]

    await stock.project(rows)

    assert await known(stock, "A") == {"seattle": StockInRedis(6, 6, 1), "lima": StockInRedis(0, 1)}


async def test_what_is_lost_is_no_error(redis: OwnRedis, stock: RedisStock) -> None:
    async def is_known() -> None:
        stock.fill([row("A", 3, 5)], None)
        assert await stock.read(["A"])

    await eventually(is_known)
    redis.kill()

    assert await stock.read(["A"]) is None
    assert await stock.take(uuid4().hex, {"A": {"seattle": 1}}) is None

    await redis.start()
    await eventually(is_known)
