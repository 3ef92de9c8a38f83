"""Brings units into the store of the whole system, and waits until they can be promised."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import httpx
import msgspec

from benchmarks.inventory.shelves import STORE
from chassis import addresses
from chassis.databases.mysql import Database, placeholders
from chassis.retrying import attempts
from inventory.settings import database

UNITS = 10**6
WAIT_S = 120.0

_KNOWN = "SELECT COUNT(*) AS known FROM availability WHERE on_hand >= %s AND sku IN ({})"


async def receive(skus: Collection[str]) -> None:
    """Receive `UNITS` of each SKU. Raises RuntimeError if the store refuses, and TimeoutError."""
    moved = [{"sku": sku, "delta": UNITS, "reason": "received", "reference": "first"} for sku in skus]
    content = b"".join(msgspec.json.encode(each) + b"\n" for each in moved)
    url = addresses.url(f"store_{STORE}") + f"/stores/{STORE}/stock-movements/bulk"
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        answer = await http.post(url, content=content, headers={"Content-Type": "application/x-ndjson"})
    summary = msgspec.json.decode(answer.raise_for_status().content.splitlines()[-1])
    if summary.get("made") != len(skus):
        raise RuntimeError(f"the store did not receive the units: {summary}")
    inventory = database()
    try:
        async with asyncio.timeout(WAIT_S):
            async for _ in attempts(most_s=0.5):
                if await _known(inventory, skus) == len(skus):
                    return
    finally:
        await inventory.close()


async def _known(inventory: Database, skus: Collection[str]) -> int:
    async with inventory.reading() as connection:
        row = await connection.fetch_one(_KNOWN.format(placeholders(skus)), [UNITS, *skus])
    assert row is not None
    return int(row["known"])
