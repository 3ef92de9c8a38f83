"""The rows of a store's database, rebuilt from its records on the topics and from what central knows of it. Pure.

Topics are written after the database, in any order of each other: the newest of them may have what the others lack.
The ledger has the units after each movement, so one that is missing between two others is known but for its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from msgspec.structs import replace

from contracts.inventory.availability import AvailabilityRow
from contracts.stores import AllocationRow, AllocationState, Reason, ReceiptRow, StockMovementRow, StockRow

_NAMESPACE = UUID("b7d0b2a4-9b0e-5d43-8a55-6f0d5f1f7c21")


@dataclass(frozen=True)
class Records:
    """The newest record of each row of one store, deleted ones left out; central's rows by the id of the stock."""

    stocks: dict[str, StockRow]
    movements: dict[UUID, StockMovementRow]
    allocations: dict[UUID, AllocationRow]
    receipts: dict[UUID, ReceiptRow]
    levels: dict[str, AvailabilityRow]


@dataclass
class Restored:
    """The rows, and what is not as it was: a text for each."""

    stocks: list[StockRow] = field(default_factory=list)
    movements: list[StockMovementRow] = field(default_factory=list)
    allocations: list[AllocationRow] = field(default_factory=list)
    receipts: list[ReceiptRow] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def restored(records: Records) -> Restored:
    """The rows that agree with each other: each stock is the sum of its movements and of its committed allocations."""
    made = Restored(receipts=[*records.receipts.values()])
    delivered: dict[str, int] = defaultdict(int)
    for receipt in made.receipts:
        delivered[receipt.stock_id] += receipt.quantity
    ledgers: dict[str, list[StockMovementRow]] = defaultdict(list)
    for movement in records.movements.values():
        ledgers[movement.stock_id].append(movement)
    answers: dict[str, list[AllocationRow]] = defaultdict(list)
    for answer in records.allocations.values():
        answers[answer.stock_id].append(answer)
    for stock_id in sorted(records.stocks.keys() | ledgers.keys()):
        stock, ledger = records.stocks.get(stock_id), sorted(ledgers[stock_id], key=lambda each: each.sequence)
        level = records.levels.get(stock_id)
        _restore(made, stock, ledger, answers.pop(stock_id, []), level, delivered[stock_id])
    made.allocations += [each for some in answers.values() for each in some]  # of SKUs that the store never had
    made.losses += [
        f"{level.sku}: {level.on_hand} units that central knows of are on no topic"
        for stock_id, level in sorted(records.levels.items())
        if level.on_hand and stock_id not in records.stocks and stock_id not in ledgers
    ]
    return made


def _restore(
    made: Restored,
    stock: StockRow | None,
    ledger: Sequence[StockMovementRow],
    answers: Sequence[AllocationRow],
    level: AvailabilityRow | None,
    delivered: int,
) -> None:
    newest = stock
    if ledger and (stock is None or stock.movements < ledger[-1].sequence):
        newest = _stock_after(ledger[-1], stock, level)
    assert newest is not None, "a stock has a row or a movement"
    movements = list(_without_gaps(ledger, newest))
    kept, short = _committed(answers, newest)
    committed = sum(each.quantity for each in kept if each.state == AllocationState.COMMITTED)
    now = replace(newest, committed=committed, delivered=max(newest.delivered, delivered))
    if now != stock:
        versions = [newest.version, *(each.stock_version or 0 for each in answers)]
        now = replace(now, version=max(versions) + 1)
    if level and level.stock_version > now.version:
        now = replace(now, version=level.stock_version + 1)
        made.losses.append(f"{now.sku}: central knows of a newer change; count its units")
    if unknown := len(movements) - len(ledger):
        made.losses.append(f"{now.sku}: {unknown} movements are known only by the units before and after them")
    made.losses += [f"{now.sku}: {each.quantity} units of order {each.order_id} are short" for each in short]
    made.stocks.append(now)
    made.movements += movements
    made.allocations += kept


def _stock_after(movement: StockMovementRow, stock: StockRow | None, level: AvailabilityRow | None) -> StockRow:
    """The stock that a movement led to, whose own record did not reach the topic."""
    known = stock or level
    return StockRow(
        stock_id=movement.stock_id,
        store_id=movement.store_id,
        sku=movement.sku,
        on_hand=movement.on_hand_after,
        unsellable=movement.unsellable_after,
        committed=0,
        movements=movement.sequence,
        reorder_at=known.reorder_at if known else None,
        reorder_to=known.reorder_to if known else None,
        delivered=known.delivered if known else 0,
        updated_at=movement.recorded_at,
        version=max(stock.version if stock else 0, level.stock_version if level else 0),
    )


def _without_gaps(ledger: Sequence[StockMovementRow], stock: StockRow) -> Iterable[StockMovementRow]:
    """The movements, and in place of each one that is missing a correction; the first of a gap has all its units."""
    sequence, on_hand, unsellable = 0, 0, 0
    for movement in ledger:
        before = movement.on_hand_after - movement.delta, movement.unsellable_after - movement.unsellable_delta
        yield from _gap(stock, range(sequence + 1, movement.sequence), (on_hand, unsellable), before, movement)
        yield movement
        sequence, on_hand, unsellable = movement.sequence, movement.on_hand_after, movement.unsellable_after
    after = stock.on_hand, stock.unsellable
    yield from _gap(stock, range(sequence + 1, stock.movements + 1), (on_hand, unsellable), after, None)


def _gap(
    stock: StockRow,
    missing: range,
    before: tuple[int, int],
    after: tuple[int, int],
    following: StockMovementRow | None,
) -> Iterable[StockMovementRow]:
    moment: datetime = following.recorded_at if following else stock.updated_at
    for number in missing:
        yield StockMovementRow(
            movement_id=uuid5(_NAMESPACE, f"{stock.stock_id}/{number}"),
            stock_id=stock.stock_id,
            store_id=stock.store_id,
            sku=stock.sku,
            sequence=number,
            delta=after[0] - before[0],
            unsellable_delta=after[1] - before[1],
            on_hand_after=after[0],
            unsellable_after=after[1],
            reason=Reason.ADJUSTED.value,
            reference=f"restored:{number}",
            happened_at=moment,
            recorded_at=moment,
            version=1,
        )
        before = after


def _committed(answers: Sequence[AllocationRow], stock: StockRow) -> tuple[list[AllocationRow], list[AllocationRow]]:
    """The answers, of which the newest are short if there are too few units for all; and those that are."""
    free, kept, short = stock.on_hand - stock.unsellable, [], []
    for answer in sorted(answers, key=lambda each: (each.answered_at, each.allocation_id)):
        if answer.state == AllocationState.COMMITTED:
            if answer.quantity > free:
                answer = replace(answer, state=AllocationState.SHORT.value, version=answer.version + 1)
                short.append(answer)
            else:
                free -= answer.quantity
        kept.append(answer)
    return kept, short
