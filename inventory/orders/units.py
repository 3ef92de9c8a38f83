"""The decision about the units of an order that wants them: from which stores they come, or why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import cast
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, ReservationState, Wanted
from contracts.inventory.sourcing import SourcingStatus
from inventory.decisions.rules import Line, Plan, Shortage, StockKey, by_destination, wanted_units
from inventory.decisions.sourcing import source
from inventory.decisions.sourcing_policy import Split
from inventory.levels import Levels
from inventory.orders import reasons
from inventory.orders.backordering import beyond_limit, may_wait
from inventory.orders.facts import Decision, Order, Terms
from inventory.orders.matching import match
from inventory.orders.queue import Queue
from inventory.orders.sourcings import decided_sourcing, lines_json
from inventory.reservations import (
    OPEN,
    HoldStatus,
    asked,
    asked_again,
    given_back,
    is_late,
    is_open,
    key_of,
    taken_over,
)

_PROMISED = (SourcingStatus.COMMITTED, SourcingStatus.SHORT)


class Units:
    """What one order wants, has and gets.

    Units that it already has stay its own, whatever else is reserved: an edit takes the new units before the old ones
    are given back.
    """

    def __init__(self, order: Order, levels: Levels, terms: Terms, queue: Queue) -> None:
        self._order, self._levels, self._terms, self._queue = order, levels, terms, queue
        self._own = [row for row in (*order.reservations, *order.held) if is_open(row)]
        self._match = match(order.lines, self._own)
        self._missing = [line for line in self._match.missing if line.sku not in terms.untracked]
        self._yielded: list[ReservationRow] = []
        self._decision = Decision()
        current = order.current_sourcing
        self._is_new = current is None or current.status in (SourcingStatus.REFUSED, SourcingStatus.RELEASED)
        self._is_backordered = current is not None and current.status == SourcingStatus.BACKORDERED
        self._asks_again = terms.is_retry or self._is_backordered
        self._is_promised = current is not None and current.status in _PROMISED
        self._decided_at = terms.moment if current is None or self._is_new else current.decided_at

    def decide(self) -> Decision:
        """Reserve what is missing and give back what is too much; or refuse, and give back everything."""
        late = self._late()
        if late and not self._may_wait and self._terms.moment >= self._end:
            return self._refuse(reasons.no_answer(sorted({row.sku for _, row in late})))
        plan = self._plan_without(late) if late else None
        if plan is None or not plan.is_possible:
            self._wait_for(late)
            plan = self._plan(self._missing)
        else:
            self._leave(late)
        if not plan.is_possible and not self._is_promised:
            if reason := self._refusal(plan):
                return self._refuse(reason)
            self._asks_again = True
            plan = self._plan(self._missing)
        short = []
        if not plan.is_possible:
            short = self._missing
            plan = self._plan(self._what_there_is(plan))
        return self._take(plan, short)

    @property
    def _may_wait(self) -> bool:
        """Whether the order is not refused because stores do not answer."""
        return self._is_promised or self._is_backordered

    @property
    def _end(self) -> datetime:
        """When the order has waited too long for its stores."""
        return self._decided_at + self._terms.most

    def _late(self) -> list[tuple[UUID, ReservationRow]]:
        """The reservations that their stores should have answered by now, each with the line it is for."""
        return [
            (line_id, row)
            for line_id, rows in self._match.kept.items()
            for row in rows
            if is_late(row, self._terms.moment)
        ]

    def _plan_without(self, late: Sequence[tuple[UUID, ReservationRow]]) -> Plan:
        """The plan for what is missing and what late stores should give, from others."""
        line_of: dict[object, Line] = {line.line_id: line for line in self._order.lines}
        units: dict[object, int] = {line.line_id: line.quantity for line in self._missing}
        for line_id, row in late:
            units[line_id] = units.get(line_id, 0) + row.quantity
        lines = [replace(line_of[line_id], quantity=quantity) for line_id, quantity in units.items()]
        return self._plan(lines, {key_of(row) for _, row in late})

    def _plan(self, lines: Sequence[Line], late: Collection[StockKey] = ()) -> Plan:
        self._yielded = []
        if not lines:
            return Plan()
        lines, yielded = self._unsplit(lines)
        free = self._levels.free(line.sku for line in lines)
        excluded = {*late} | self._not_asked_again()
        surplus, leaving = self._sums([*self._match.surplus, *yielded]), self._sums(self._leaving())
        for sku, of_stores in free.items():
            for store_id in of_stores:
                key = StockKey(store_id, sku)
                own = surplus.get(key, 0)
                of_stores[store_id] = max(own, of_stores[store_id] + own + leaving.get(key, 0))
                if not self._is_promised and self._queue.is_behind(self._order, sku):
                    of_stores[store_id] = own
        plan = source(lines, free, self._terms.stores, self._terms.policy, excluded=excluded)
        self._yielded = yielded if plan.is_possible else []
        return plan

    def _unsplit(self, lines: Sequence[Line]) -> tuple[Sequence[Line], list[ReservationRow]]:
        """The lines as wholes if the policy does not split them, and the units that they have in exchange."""
        split = self._terms.policy.split
        if split is Split.UNITS:
            return lines, []
        ids = {line.line_id for line in lines}
        if split is Split.NEVER:
            to = {(line.address_id, line.destination) for line in lines}
            ids |= {line.line_id for line in self._order.lines if (line.address_id, line.destination) in to}
        whole = [line for line in self._order.lines if line.line_id in ids and line.sku not in self._terms.untracked]
        kept = [row for line in whole for row in self._match.kept[cast(UUID, line.line_id)]]
        return whole, [row for row in kept if not is_late(row, self._terms.moment)]

    def _not_asked_again(self) -> set[StockKey]:
        """The stores that did not give the units of these lines; those that have not released some, if it is a retry or
        the order waits for units.
        """
        if self._is_new:
            return set()
        if self._asks_again:
            return {key_of(row) for row in self._leaving()}
        version = self._order.lines_version
        return {
            key_of(row)
            for row in self._order.reservations
            if row.lines_version == version and (row.state not in OPEN or row.wanted == Wanted.RELEASE)
        }

    def _leaving(self) -> list[ReservationRow]:
        """The reservations that are given back and still counted, until their store answers."""
        return [row for row in self._order.reservations if row.state in OPEN and row.wanted == Wanted.RELEASE]

    def _sums(self, rows: Sequence[ReservationRow]) -> dict[StockKey, int]:
        sums: dict[StockKey, int] = {}
        for row in rows:
            sums[key_of(row)] = sums.get(key_of(row), 0) + row.quantity
        return sums

    def _what_there_is(self, plan: Plan) -> list[Line]:
        """As many of the missing units as there are, first lines first; only whole lines if they are not split."""
        if self._terms.policy.split is not Split.UNITS:
            return self._whole_lines()
        left = wanted_units(self._missing) | {each.sku: each.available for each in plan.shortages}
        lines = []
        for line in self._missing:
            units = min(line.quantity, left[line.sku])
            left[line.sku] -= units
            lines += [replace(line, quantity=units)] if units else []
        return lines

    def _whole_lines(self) -> list[Line]:
        """The missing lines for which there are enough units, unless those that an order was promised stay apart."""
        found: list[Line] = []
        if self._is_promised:
            return found
        groups = by_destination(self._missing)
        is_never = self._terms.policy.split is Split.NEVER
        for some in groups if is_never else [[line] for group in groups for line in group]:
            found += some if self._plan([*found, *some]).is_possible else []
        return found

    def _wait_for(self, late: Sequence[tuple[UUID, ReservationRow]]) -> None:
        until = self._terms.moment + self._terms.answer
        for _, row in late:
            self._replace(row, asked_again(row, until if self._may_wait else min(until, self._end)))

    def _leave(self, late: Sequence[tuple[UUID, ReservationRow]]) -> None:
        """Give back what late stores should give. A late answer is followed by this wish in the store's partition."""
        for line_id, row in late:
            self._decision.write(given_back(row))
            self._match.kept[line_id].remove(row)

    def _replace(self, row: ReservationRow, new: ReservationRow) -> None:
        for rows in self._match.kept.values():
            if row in rows:
                rows[rows.index(row)] = new
        self._decision.write(new)

    def _take(self, plan: Plan, short: Sequence[Line]) -> Decision:
        order, until = self._order, self._terms.moment + self._terms.answer
        self._yield()
        self._decision.write(*(given_back(row) for row in self._match.surplus))
        for line_id, rows in self._match.kept.items():
            for row in [*rows]:
                new = taken_over(row, order.order_id, line_id, order.lines_version, until)
                if new is not row:
                    self._replace(row, new)
        for part in plan.parts:
            row = asked(part, order.order_id, order.lines_version, self._attempt(part.line_id), until)
            self._match.kept[cast(UUID, part.line_id)].append(row)
            self._decision.write(row)
        if order.held:
            self._decision.hold_status = HoldStatus.ORDERED
        is_complete = not short and all(
            row.state == ReservationState.COMMITTED for rows in self._match.kept.values() for row in rows
        )
        if is_complete:
            return self._source(SourcingStatus.COMMITTED)
        if self._is_promised:
            return self._source(SourcingStatus.SHORT, reasons.short(short) if short else None)
        return self._backorder() if short else self._source(SourcingStatus.RESERVED)

    def _backorder(self) -> Decision:
        """Let the order wait for the units that no store gives."""
        kept = {line_id: sum(row.quantity for row in rows) for line_id, rows in self._match.kept.items()}
        lines = [
            replace(line, quantity=missing)
            for line in self._order.lines
            if line.sku not in self._terms.untracked
            and (missing := line.quantity - kept.get(cast(UUID, line.line_id), 0)) > 0
        ]
        backordered = {line.line_id: line.quantity for line in lines}
        return self._source(SourcingStatus.BACKORDERED, reasons.backordered(wanted_units(lines)), backordered)

    def _yield(self) -> None:
        """Give back the units of lines that now come from another store as a whole."""
        for rows in self._match.kept.values():
            self._match.surplus += [row for row in rows if row in self._yielded]
            rows[:] = [row for row in rows if row not in self._yielded]

    def _attempt(self, line_id: object) -> int:
        """Counts the times that stores were asked for a line."""
        attempts = [row.attempt for row in self._order.reservations if row.order_detail_id == line_id]
        return 1 + max(attempts, default=0)

    def _refuse(self, reason: str) -> Decision:
        self._decision.write(*(given_back(row) for row in self._own))
        self._match.kept.clear()
        if self._order.held:
            self._decision.hold_status = HoldStatus.RELEASED
        return self._source(SourcingStatus.REFUSED, reason)

    def _refusal(self, plan: Plan) -> str | None:
        """Why the order may not wait for what the plan lacks, if it may not."""
        order, lacks, terms = self._order, plan.shortages, self._terms
        if self._is_backordered:
            if terms.moment < self._decided_at + terms.backordered_for:
                return None
            return reasons.backordered_too_long([each.sku for each in lacks], terms.backordered_for.days)
        if may_wait(order, lacks, terms, self._queue):
            return beyond_limit(order, lacks, wanted_units(self._missing), terms, self._queue)
        return self._out_of_stock(lacks)

    def _out_of_stock(self, lacks: Sequence[Shortage]) -> str:
        unknown = [each.sku for each in lacks if not self._levels.knows(each.sku)]
        own = wanted_units([Line(None, row.sku, row.quantity) for rows in self._match.kept.values() for row in rows])
        shortages = [
            replace(each, wanted=each.wanted + units, available=each.available + units)
            for each in lacks
            for units in [0 if each.is_unsplit else own.get(each.sku, 0)]
        ]
        return reasons.out_of_stock(shortages, unknown)

    def _source(
        self,
        status: SourcingStatus,
        reason: str | None = None,
        backordered: Mapping[object, int] = MappingProxyType({}),
    ) -> Decision:
        if self._is_backordered != (status == SourcingStatus.BACKORDERED):
            self._decided_at = self._terms.moment  # from now on it waits for something else
        self._decision.sourcing = decided_sourcing(
            self._order,
            self._terms,
            decided_at=self._decided_at,
            status=status,
            reason=reason,
            lines=lines_json(self._order.lines, self._match.kept, backordered),
        )
        return self._decision
