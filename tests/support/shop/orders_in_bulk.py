"""Writes orders into MySQL by SQL, at any rate: placed, confirmed, with changed lines, deleted."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiomysql
from uuid_utils.compat import uuid7

from tests.support.by_hand import mysql_client
from tests.support.shop.rows import HOME, written

PAUSE_S = 0.1
LINES = 3

ORDER = """
INSERT INTO `order` (order_id, customer_id, status, currency, subtotal, freight, lines_version, line_count, placed_at,
    delivery_addresses, created_at, updated_at, version)
VALUES (%s, %s, 'placed', 'USD', 54, 0, 1, %s, %s, %s, %s, %s, 1)
"""
LINE = """
INSERT INTO order_detail (order_detail_id, order_id, lines_version, line_number, sku, product_name, quantity,
    unit_price, discount, amount, delivery_address_id, version)
VALUES (%s, %s, %s, %s, 'CHAI', 'Chai', 1, 18, 0, 18, %s, 1)
"""
CONFIRM = "UPDATE `order` SET status = 'confirmed', version = version + 1 WHERE order_id IN ({})"
OTHER_LINES = """
UPDATE `order` SET lines_version = lines_version + 1, line_count = 1, subtotal = 18, version = version + 1
WHERE order_id IN ({}) AND lines_version = 1
"""


class Source:
    """Writes orders, and remembers the ids of all of them."""

    def __init__(self, customer_id: str, at_once: int) -> None:
        self.order_ids: list[str] = []
        self._customer_id = customer_id
        self._at_once = at_once
        self._random = random.Random(7)

    async def write(self, cursor: aiomysql.Cursor) -> None:
        """Write a batch: new orders, and changes of earlier ones; one transaction for each kind."""
        earlier = self.order_ids[-20 * self._at_once :]
        some = self._random.sample(earlier, min(len(earlier), self._at_once))
        await self._place(cursor)
        await self._change(cursor, CONFIRM, some[: len(some) // 2])
        await self._change_lines(cursor, some[len(some) // 2 :])
        await self._delete(cursor, some[:1])

    async def _place(self, cursor: aiomysql.Cursor) -> None:
        ids, moment = [str(uuid7()) for _ in range(self._at_once)], datetime.now(UTC).replace(tzinfo=None)
        home = written([HOME])
        await cursor.execute("BEGIN")
        await cursor.executemany(
            ORDER, [(each, self._customer_id, LINES, moment, home, moment, moment) for each in ids]
        )
        await cursor.executemany(LINE, [_line(each, 1, number) for each in ids for number in range(1, LINES + 1)])
        await cursor.execute("COMMIT")
        self.order_ids += ids

    async def _change(self, cursor: aiomysql.Cursor, statement: str, ids: Sequence[str]) -> None:
        if ids:
            await cursor.execute(statement.format(", ".join(["%s"] * len(ids))), ids)

    async def _change_lines(self, cursor: aiomysql.Cursor, ids: Sequence[str]) -> None:
        await cursor.execute("BEGIN")
        for order_id in ids:
            if await cursor.execute(OTHER_LINES.format("%s"), [order_id]):
                await cursor.execute(LINE, _line(order_id, 2, 1))
        await cursor.execute("COMMIT")

    async def _delete(self, cursor: aiomysql.Cursor, ids: Sequence[str]) -> None:
        await self._change(cursor, "DELETE FROM order_detail WHERE order_id IN ({})", ids)
        await self._change(cursor, "DELETE FROM `order` WHERE order_id IN ({})", ids)


@asynccontextmanager
async def orders_streaming(customer_id: str, at_once: int) -> AsyncIterator[Source]:
    """Write batches of orders, at most ten per second, while the block runs."""
    source = Source(customer_id, at_once)

    async def write() -> None:
        async with mysql_client("orders") as cursor:
            while True:
                await source.write(cursor)
                await asyncio.sleep(PAUSE_S)

    writing = asyncio.create_task(write())
    try:
        yield source
        assert not writing.done(), writing.exception()
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


def _line(order_id: str, lines_version: int, number: int) -> tuple[Any, ...]:
    return str(uuid7()), order_id, lines_version, number, str(HOME.address_id)
