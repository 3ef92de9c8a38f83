"""Writes movements in one transaction: each line is decided on the stock that the lines before it led to."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from chassis.bulk.bulk import LineResult, Outcome
from chassis.bulk.exported import member_pointer
from chassis.databases.mysql import Connection, Database, Row, transact
from chassis.databases.mysql_times import stored
from chassis.http.errors.problems import Problem
from contracts.stores import Reason
from stores import repository, rules
from stores.allocations import repository as allocation_repository
from stores.bulk.models import MovementLine
from stores.problems import reference_taken, refused
from stores.rules import Allocation, Movement, Stock

_IDENTICAL = ("delta", "unsellable_delta", "reason")
"""The members in which a repeated line equals its movement."""


async def write_movements(
    database: Database, store_id: str, caller: str | None, lines: Sequence[MovementLine]
) -> list[Outcome]:
    """Write all lines in one transaction. Raises Unavailable."""

    arriving = {line.sku for line in lines if line.delta > 0}
    async with database.reading() as connection:
        new = arriving - await repository.known_skus(connection, store_id, {line.sku for line in lines})

    async def work(tx: Connection) -> list[Outcome]:
        return await _write(tx, store_id, caller, lines, new)

    while True:
        try:
            return await transact(database, work)
        except _WithoutUnits as refused_all:
            new -= refused_all.skus


class _WithoutUnits(Exception):
    """Rows were inserted for SKUs all of whose lines are refused.

    They are not deleted in the same transaction: readers of the topic would take the deletion for the newest version.
    """

    def __init__(self, skus: AbstractSet[str]) -> None:
        super().__init__()
        self.skus = skus


@dataclass
class _Books:
    """The stocks of a batch, and what has changed of them."""

    tx: Connection
    stocks: dict[str, Stock]
    known: dict[tuple[str, str], Row]
    movements: list[Movement] = field(default_factory=list)
    short: dict[UUID, Allocation] = field(default_factory=dict)

    async def take(self, line: MovementLine, before: Stock, caller: str | None) -> Stock:
        """The stock after a line. Raises Refusal."""
        after, movement = rules.move(
            before,
            line.delta,
            Reason(line.reason.value),
            unsellable_delta=line.unsellable_delta,
            reference=line.reference,
            may_be_short=line.override,
        )
        if after.free < 0:
            newest = await allocation_repository.newest_committed(self.tx, after, len(self.short) - after.free)
            after, given_up = rules.give_up(after, (each for each in newest if each.allocation_id not in self.short))
            self.short |= {each.allocation_id: each for each in given_up}
        movement = replace(movement, caller=caller, happened_at=stored(line.happened_at))
        self.movements.append(movement)
        self.stocks[line.sku] = after
        self.known[line.sku, line.reference] = {**vars(movement), "version": after.version}
        return after


async def _write(
    tx: Connection, store_id: str, caller: str | None, lines: Sequence[MovementLine], new: set[str]
) -> list[Outcome]:
    # Only what is new is inserted, which locks before the others: existing rows are all locked in one order.
    locked = await repository.lock_stocks(tx, store_id, {line.sku for line in lines}, make=new)
    known = await repository.known_references(tx, store_id, {(line.sku, line.reference) for line in lines})
    books = _Books(tx, locked.stocks if locked else {}, known)
    before = dict(books.stocks)
    outcomes = [await _outcome(books, line, store_id, caller) for line in lines]
    if empty := {sku for sku, stock in books.stocks.items() if stock.version == 0} & new:
        raise _WithoutUnits(empty)
    if locked is not None:
        changed = [stock for sku, stock in sorted(books.stocks.items()) if stock != before[sku]]
        repository.write_stocks(tx, changed, locked.now)
        repository.insert_movements(tx, books.movements, locked.now)
        if books.short:
            await allocation_repository.write_allocations(tx, store_id, list(books.short.values()), locked.now)
    return outcomes


async def _outcome(books: _Books, line: MovementLine, store_id: str, caller: str | None) -> Outcome:
    movement = books.known.get((line.sku, line.reference))
    if movement is not None:
        return _known(line, movement)
    try:
        after = await books.take(line, books.stocks.get(line.sku, Stock(store_id, line.sku)), caller)
    except rules.Refusal as refusal:
        return refused(refusal)
    return LineResult(HTTPStatus.CREATED, _facts(line, after.movements, version=after.version))


def _known(line: MovementLine, movement: Row) -> LineResult | Problem:
    """The outcome of a line whose reference is known."""
    if differing := [name for name in _IDENTICAL if movement[name] != getattr(line, name)]:
        return reference_taken(line.sku, line.reference, tuple(map(member_pointer, differing)))
    return LineResult(HTTPStatus.OK, _facts(line, movement["sequence"]))


def _facts(line: MovementLine, sequence: int, **more: Any) -> dict[str, Any]:
    return {"sku": line.sku, "reference": line.reference, "sequence": sequence, **more}
