"""The gate in Redis, against scripts with the same commands and no branches, sent by the same client."""

from __future__ import annotations

import asyncio
import random
from argparse import Namespace
from itertools import count
from typing import Any

from benchmarks import measures
from benchmarks.clients import Action, busy
from benchmarks.inventory.shelves import SPREAD, STORE, UNITS
from benchmarks.measures import Measure
from chassis.settings import RedisSettings
from contracts.stock_in_redis import stock_key
from inventory.redis.connection import Command
from inventory.redis.pipeline import Pipeline
from inventory.redis.scripts import Script
from inventory.redis.stock import TOKEN_MS, RedisStock
from inventory.settings import stock_redis

LINES, WARM_UP_S = 3, 1

_TAKE = Script("""
redis.call('HMGET', KEYS[1], ARGV[4] .. ':a', ARGV[4] .. ':h', ARGV[4] .. '|' .. ARGV[3])
redis.call('HSET', KEYS[1], ARGV[4] .. '|' .. ARGV[3], ARGV[5] .. ' ' .. (ARGV[1] + ARGV[2]))
redis.call('HINCRBY', KEYS[1], ARGV[4] .. ':h', ARGV[5])
return {'yes'}
""")
_SETTLE = Script("""
redis.call('EXISTS', KEYS[1])
redis.call('HGET', KEYS[1], ARGV[2] .. '|' .. ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[2] .. '|' .. ARGV[1])
redis.call('HINCRBY', KEYS[1], ARGV[2] .. ':h', -1)
redis.call('HGET', KEYS[1], ARGV[2] .. ':v')
redis.call('HSET', KEYS[1], ARGV[2] .. ':a', ARGV[3], ARGV[2] .. ':v', ARGV[4])
return 1
""")


async def measure_gate(options: Namespace) -> None:
    """Three units taken and settled for each request. Raises RuntimeError for a wrong reply or sum."""
    settings = stock_redis()
    settings = RedisSettings(settings.password, settings.host, settings.port, timeout_s=10)
    pipeline = Pipeline(settings)
    stock, versions = RedisStock(pipeline), count(2)
    rows = [{"sku": sku, "store_id": STORE, "free": UNITS, "version": 1} for sku in SPREAD]
    actions = {"gate": _gate(stock, versions), "bare": _bare(pipeline, versions)}
    runs: dict[str, list[Measure]] = {name: [] for name in actions}
    try:
        await pipeline.ask([("FLUSHALL",), *(("SCRIPT LOAD", each.text) for each in (_TAKE, _SETTLE))])
        stock.fill(rows, None)
        for _ in range(options.rounds):
            for name, action in actions.items():
                tasks = [action] * options.clients
                runs[name].append(await busy(name, tasks, warm_up_s=WARM_UP_S, seconds=options.seconds))
                print(runs[name][-1].line("requests"), flush=True)
        await _check(stock)
    finally:
        await stock.close()
    rate = {name: measures.middle_per_second(some) for name, some in runs.items()}
    print(measures.ratio("gate-to-bare-script", rate["gate"] / rate["bare"], 0.8))


def _gate(stock: RedisStock, versions: count[int]) -> Action:
    async def take_and_settle() -> None:
        version = next(versions)
        token, skus = _token(version), random.sample(SPREAD, LINES)
        if await stock.take(token, {sku: {STORE: 1} for sku in skus}) != {}:
            raise RuntimeError("there are units, and the gate refused")
        stock.settle(token, [{"sku": sku, "store_id": STORE, "free": UNITS, "version": version} for sku in skus])

    return take_and_settle


def _bare(pipeline: Pipeline, versions: count[int]) -> Action:
    def call(script: Script, sku: str, *arguments: Any) -> Command:
        return "EVALSHA", script.sha, 1, stock_key(sku), *arguments

    async def take_and_settle() -> None:
        version = next(versions)
        token, skus = _token(version), random.sample(SPREAD, LINES)
        replies = await pipeline.ask([call(_TAKE, sku, 10**12, TOKEN_MS, token, STORE, 1) for sku in skus])
        if replies != [["yes"]] * LINES:
            raise RuntimeError(f"unexpected replies: {replies}")
        pipeline.tell([call(_SETTLE, sku, token, STORE, UNITS, version) for sku in skus])

    return take_and_settle


def _token(number: int) -> str:
    """As long as that of a request."""
    return f"{number:024}"


async def _check(stock: RedisStock) -> None:
    """All requests are settled: nothing is held, and the newest version is there."""
    await asyncio.sleep(0.1)
    seen = await stock.read(SPREAD)
    if seen is None or any(of[STORE].held or of[STORE].available != UNITS for of in seen.values()):
        raise RuntimeError("units are held in Redis though no request is in progress")
