"""Redis in front of reservations: it refuses early, and nothing depends on what it says or whether it runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY

from contracts.stock_in_redis import stock_key
from inventory.api import app
from inventory.redis import pipeline
from tests.support.apps import running
from tests.support.eventually import eventually
from tests.support.stock.inventory import availability, check_units, put_stock, put_store, reserve, reserved
from tests.support.system.own_redis import OwnRedis, own_redis


@pytest.fixture
async def redis(servers: dict[str, str]) -> AsyncIterator[OwnRedis]:
    async with own_redis() as server:
        yield server


@pytest.fixture
async def api(redis: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The inventory service with a Redis of its own."""
    monkeypatch.setenv("OMS_STOCK_REDIS_PORT", str(redis.port))
    monkeypatch.setenv("OMS_STOCK_REDIS_PASSWORD", "")
    monkeypatch.setenv("OMS_REDIS_TIMEOUT_S", "1")  # a machine that is busy with tests is no Redis that is away
    monkeypatch.setattr(pipeline, "PROBE_EVERY_S", 0.1)
    async with running(app()) as client:
        await put_store()
        yield client


@pytest.fixture
def sku() -> str:
    return f"SKU: {uuid4()}"


def said(answer: str) -> float:
    return REGISTRY.get_sample_value("oms_reservation_gate_total", {"said": answer}) or 0.0


async def buy_out(api: httpx.AsyncClient, sku: str, units: int) -> None:
    """Reserve all units, one by one, while more buyers come than there are units."""
    answers = await asyncio.gather(*(reserve(api, (sku, 1)) for _ in range(2 * units)))
    assert Counter(answer.status_code for answer in answers) == {201: units, 409: units}
    assert (await availability(sku))["reserved"] == units
    await check_units(sku)


async def test_a_reservation_is_in_redis_at_once(api: httpx.AsyncClient, redis: OwnRedis, sku: str) -> None:
    """Also that of a retry, which takes nothing twice, and nothing stays in progress."""
    await put_stock(sku, 10, safety_margin=2)
    key = str(uuid4())
    await reserved(api, (sku, 1))
    before = said("yes")

    await reserve(api, (sku, 3), key=key)
    await reserve(api, (sku, 3), key=key)

    async def is_there() -> None:
        assert await redis.fields(stock_key(sku)) == {"seattle:a": "4", "seattle:v": "3", "seattle:h": "0"}

    await eventually(is_there)
    assert said("yes") > before


async def test_what_is_sold_out_is_refused_by_redis(api: httpx.AsyncClient, sku: str) -> None:
    await put_stock(sku, 1)
    key = str(uuid4())
    first = await reserve(api, (sku, 1), key=key)
    before = said("short")

    async def is_refused_early() -> None:
        answer = await reserve(api, (sku, 2))
        assert answer.status_code == 409
        assert [(each["wanted"], each["available"]) for each in answer.json()["errors"]] == [(2, 0)]
        assert said("short") > before

    await eventually(is_refused_early)
    assert (await reserve(api, (sku, 1), key=key)).json() == first.json()


@pytest.mark.parametrize("version", ["1", "999999999"])
async def test_a_redis_that_believes_in_more_sells_nothing(
    api: httpx.AsyncClient, redis: OwnRedis, sku: str, version: str
) -> None:
    """A stale replica that was promoted, or one that has seen a MySQL that was restored from a backup since."""
    await put_stock(sku, 3)
    await buy_out(api, sku, 3)
    await redis.write(stock_key(sku), **{"seattle:a": "1500", "seattle:v": version, "seattle:h": "0"})

    answers = await asyncio.gather(*(reserve(api, (sku, 1)) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {409}
    await check_units(sku)

    async def is_corrected() -> None:
        assert (await reserve(api, (sku, 1))).status_code == 409
        assert (await redis.fields(stock_key(sku)))["seattle:a"] == "0"

    await eventually(is_corrected)


@pytest.mark.parametrize("version", ["1", "999999999"])
async def test_a_redis_that_believes_in_less_refuses_for_a_moment(
    api: httpx.AsyncClient, redis: OwnRedis, sku: str, version: str
) -> None:
    await put_stock(sku, 10)
    await reserved(api, (sku, 1))
    await redis.write(stock_key(sku), **{"seattle:a": "0", "seattle:v": version})

    async def is_reserved() -> None:
        assert (await reserve(api, (sku, 1))).status_code == 201

    await eventually(is_reserved)
    await check_units(sku)


@pytest.mark.parametrize("wrong", ["text", "list", "fields"])
async def test_a_key_that_has_something_else_is_replaced(
    api: httpx.AsyncClient, redis: OwnRedis, sku: str, wrong: str
) -> None:
    await put_stock(sku, 3)
    match wrong:
        case "text":
            await redis.client.set(stock_key(sku), "1")
        case "list":
            await redis.client.execute_command("LPUSH", stock_key(sku), "1")
        case _:
            await redis.write(stock_key(sku), **{"seattle:a": "many"})

    await buy_out(api, sku, 3)

    async def is_corrected() -> None:
        await reserve(api, (sku, 1))
        assert (await redis.fields(stock_key(sku)))["seattle:a"] == "0"

    await eventually(is_corrected)


async def test_a_redis_that_is_flushed_is_filled_again(api: httpx.AsyncClient, redis: OwnRedis, sku: str) -> None:
    """Its scripts are gone, too."""
    await put_stock(sku, 4)
    await reserved(api, (sku, 1))
    await redis.client.flushall()
    await redis.client.script_flush()

    await reserved(api, (sku, 1))
    before = said("yes")
    await reserved(api, (sku, 1))

    assert said("yes") > before
    await check_units(sku)


async def test_without_redis_mysql_decides_alone(api: httpx.AsyncClient, redis: OwnRedis, sku: str) -> None:
    await put_stock(sku, 5)
    await reserved(api, (sku, 2))
    redis.kill()

    answers = await asyncio.gather(*(reserve(api, (sku, 1)) for _ in range(6)))

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 3}
    await check_units(sku)

    await redis.start()
    before = said("short")

    async def is_asked_again() -> None:
        assert (await reserve(api, (sku, 1))).status_code == 409
        assert said("short") > before

    await eventually(is_asked_again)


async def test_a_redis_that_stands_still_holds_up_nobody(api: httpx.AsyncClient, redis: OwnRedis, sku: str) -> None:
    await put_stock(sku, 5)
    await reserved(api, (sku, 1))

    with redis.paused():
        answers = await asyncio.gather(*(reserve(api, (sku, 1)) for _ in range(6)))

    assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 2}
    await check_units(sku)
