"""Decides which stores give the units of a reservation, and tries again while other buyers are faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chassis.databases.mysql import Connection, Database, GuardFailed, transact
from chassis.http.problems import Busy
from inventory.availability import repository as availability
from inventory.availability.repository import Stock
from inventory.holds import ending
from inventory.knowledge import Knowledge
from inventory.models import WantedLine
from inventory.policies import untracked
from inventory.problems import insufficient_stock, unknown_sku
from inventory.rules import Line, Plan, source
from inventory.shortages import short_lines
from inventory.times import now

Result = TypeVar("Result")

_TRIES = 20


@dataclass(frozen=True)
class Wish:
    """What a client wants: lines, perhaps of one store, perhaps for one country."""

    lines: Sequence[WantedLine]
    store_id: str | None = None
    country: str | None = None

    @property
    def skus(self) -> list[str]:
        """Each SKU once."""
        return list(dict.fromkeys(line.sku for line in self.lines))

    @property
    def pairs(self) -> list[tuple[str, int]]:
        """SKU and units of each line."""
        return [(line.sku, line.quantity) for line in self.lines]


class Decision:
    """The decision about one wish. `plan` is the newest one."""

    def __init__(self, wish: Wish, knowledge: Knowledge) -> None:
        self.wish = wish
        self.knowledge = knowledge
        self.untracked = untracked(knowledge.policies, wish.skus)
        self.plan = Plan()

    async def run(self, database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """The result of `work`, which reserves what `plan` says, in a transaction.

        Raises the 409 of lines that are short and the 422 of unknown SKUs, and Busy if others were faster each time.
        """
        for _ in range(_TRIES):
            await self._decide(database)
            try:
                return await transact(database, work)
            except GuardFailed:  # another buyer has taken units since they were read
                continue
        raise Busy("the stock")

    async def _decide(self, database: Database) -> None:
        stock = await self.read(database)
        if any(each.expired for each in stock):
            await ending.expire_due_of(database, [each.stock_id for each in stock if each.expired], now())
        self.plan = self.planned(stock)
        if not self.plan.is_possible:
            raise insufficient_stock(short_lines(self.wish.pairs, self.available(stock)))

    async def read(self, database: Database) -> list[Stock]:
        """The stock of the SKUs. Raises the 422 of those that are of no product and were never in stock."""
        async with database.reading() as connection:
            stock = await availability.find_stock(connection, self.wish.skus, now())
            found = {each.sku for each in stock} | self.untracked
            unknown = await availability.unknown_skus(connection, [sku for sku in self.wish.skus if sku not in found])
        if unknown:
            raise unknown_sku([(number, sku) for number, (sku, _) in enumerate(self.wish.pairs) if sku in unknown])
        return stock

    def planned(self, stock: Sequence[Stock]) -> Plan:
        """Which stores give which units; each part has the position of its line."""
        lines = [
            Line(number, line.sku, line.quantity, self.wish.country) for number, line in enumerate(self.wish.lines)
        ]
        free = availability.free_units(stock, self.wish.store_id)
        return source(lines, free, self.knowledge.stores, untracked=self.untracked)

    def available(self, stock: Sequence[Stock]) -> dict[str, int]:
        """The units of each SKU that can be promised online; as many as are wanted if it is not tracked."""
        stores = self.knowledge.stores
        units: dict[str, int] = dict.fromkeys(self.wish.skus, 0)
        for sku, of_stores in availability.free_units(stock, self.wish.store_id).items():
            for store_id, free in of_stores.items():
                if store_id not in stores or stores[store_id].sells_online:
                    units[sku] += max(0, free)
        for line in self.wish.lines:
            if line.sku in self.untracked:
                units[line.sku] += line.quantity
        return units
