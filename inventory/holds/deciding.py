"""Decides which stores give the units of a reservation, and tries again while other buyers are faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from prometheus_client import Counter

from chassis.databases.mysql import Connection, Database, GuardFailed, transact
from chassis.http.errors.problems import Busy
from inventory.availability.reading import check_names, read_stock
from inventory.availability.repository import free_units
from inventory.decisions.rules import Free, Plan
from inventory.decisions.wishes import Wish, units_of
from inventory.holds import repository
from inventory.holds.gate import Gate, Short, Units, Unknown, Yes
from inventory.problems import insufficient_stock
from inventory.redis.stock import Seen
from inventory.sweeps import MOST, expire
from inventory.times import aware_now, now

Result = TypeVar("Result")

LATE_REFUSALS = Counter(
    "oms_reservation_late_refusals_total", "Reservations that MySQL refused after Redis had said that there are units"
)

_TRIES = 20


class Decision:
    """The decision about one wish. `plan` is the newest one; `token` names the request in Redis."""

    def __init__(self, wish: Wish, gate: Gate, token: str) -> None:
        self._wish = wish
        self._gate = gate
        self._token = token
        self._rows_after: list[dict[str, Any]] = []
        self.plan = Plan()
        self.takes_last = False
        """Whether the plan may take the last units of a store, as far as is known."""

    async def run(self, database: Database, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """The result of `work`, which reserves what `plan` says, in a transaction.

        Raises the 409 of lines that are short, the 422 of unknown SKUs and stores, and Busy if others were faster each
        time.
        """
        await check_names(database, self._wish)
        said: Yes | Short | Unknown = await self._gate.ask(self._wish, self._token)
        for _ in range(_TRIES):
            taken: Units = {}
            match said:
                case Yes(plan, taken, seen):
                    self.plan = plan
                    self.takes_last = _takes_last(
                        plan, {sku: {store: each.available for store, each in of.items()} for sku, of in seen.items()}
                    )
                case Short(free):
                    raise insufficient_stock(self._wish.short_lines(free))
                case Unknown(seen):
                    self.plan = await self._decide(database, seen)
            if (result := await self._reserve(database, work, taken)) is not None:
                return result
            said = Unknown(seen)
        raise Busy("the stock")

    async def _reserve(
        self, database: Database, work: Callable[[Connection], Awaitable[Result]], taken: Units
    ) -> Result | None:
        """The result of `work`; None if another buyer has taken units since they were read."""

        async def work_and_remember(tx: Connection) -> Result:
            result = await work(tx)
            self._rows_after = tx.rows_after_commit
            return result

        try:
            result = await transact(database, work_and_remember)
        except BaseException as error:
            self._gate.redis.give_back(self._token, taken)
            if not isinstance(error, GuardFailed):
                raise
            LATE_REFUSALS.inc(bool(taken))
            return None
        self._gate.redis.settle(self._token, self._rows_after)
        return result

    async def _decide(self, database: Database, seen: Seen | None) -> Plan:
        """The plan by what MySQL has. Raises the problems of `run`."""
        stock = await read_stock(database, self._wish)
        while due := [each.stock_id for each in stock if each.expired]:
            expired = await _expire(database, due)
            stock = await read_stock(database, self._wish)
            if expired < MOST or self._wish.plan(free_units(stock)).is_possible:
                break
        self._gate.verified(stock, seen)
        free = free_units(stock)
        plan = self._wish.plan(free)
        if not plan.is_possible:
            raise insufficient_stock(self._wish.short_lines(free))
        self.takes_last = _takes_last(plan, free)
        return plan


def _takes_last(plan: Plan, free: Free) -> bool:
    return any(
        free.get(sku, {}).get(store_id, 0) <= units
        for sku, of_stores in units_of(plan.parts).items()
        for store_id, units in of_stores.items()
    )


async def _expire(database: Database, stock_ids: Sequence[str]) -> int:
    """Free the units of reservations whose time is over, so that an end is exact though nobody has swept yet.

    Returns of how many, at most `MOST`.
    """
    async with database.reading() as connection:
        due = await repository.due_holds(connection, stock_ids, now(), MOST)
    return await expire(database, due, aware_now)
