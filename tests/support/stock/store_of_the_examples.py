"""What the examples of a store's OpenAPI document refer to: a stock with movements, and a committed allocation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from chassis.databases.mysql import Database
from chassis.settings import mysql
from contracts.inventory.reservations import Wanted
from contracts.stores import Reason
from stores import examples, repository, rules
from stores.allocations import repository as allocation_repository
from stores.reservations.rules import answer
from tests.support.stock.store import DATABASE, STORE, reservation


@asynccontextmanager
async def a_store_of_the_examples() -> AsyncIterator[None]:
    """The rows, in the database of the store that runs. The tables are there."""
    opened = Database(mysql(DATABASE, f"OMS_{DATABASE.upper()}_DB_PASSWORD", DATABASE))
    told = reservation(examples.SKU, 2, Wanted.COMMIT, reservation_id=UUID(examples.ALLOCATION_ID))
    async with opened.transaction() as tx:
        locked = await repository.lock_stocks(tx, STORE, [examples.SKU], make=[examples.SKU])
        assert locked is not None
        stock, received = rules.move(locked.stocks[examples.SKU], 40, Reason.RECEIVED)
        stock, sold = rules.move(stock, -1, Reason.SOLD)
        answers = answer({examples.SKU: stock}, {}, [told])
        repository.write_stocks(tx, answers.stocks.values(), locked.now)
        repository.insert_movements(tx, [received, sold], locked.now)
        await allocation_repository.write_allocations(tx, STORE, list(answers.allocations.values()), locked.now)
    await opened.close()
    yield
