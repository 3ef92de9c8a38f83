"""The decision about the units of an order that wants them: from which stores they come, or why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, ReservationState
from contracts.inventory.sourcing import SourcingStatus
from inventory.decisions.rules import Line, Plan, wanted_units
from inventory.levels import Levels
from inventory.orders import reasons
from inventory.orders.claim import Claim
from inventory.orders.facts import Decision, Order, Terms
from inventory.orders.planning import Planner
from inventory.orders.queue import Queue
from inventory.orders.refusing import refusal
from inventory.orders.sourcings import decided_sourcing, lines_json
from inventory.reservations import HoldStatus, asked, asked_again, given_back, is_open, own_units, taken_over


class Units:
    """What one order wants, has and gets.

    Units that it already has stay its own, whatever else is reserved: an edit takes the new units before the old ones
    are given back.
    """

    def __init__(self, order: Order, levels: Levels, terms: Terms, queue: Queue) -> None:
        self._order, self._levels, self._terms, self._queue = order, levels, terms, queue
        self._claim = Claim(order, terms)
        self._match = self._claim.match
        self._planner = Planner(self._claim, levels, queue)
        self._decision = Decision()

    def decide(self) -> Decision:
        """Reserve what is missing and give back what is too much; or refuse, and give back everything."""
        claim, planner = self._claim, self._planner
        late = claim.late()
        if late and not claim.may_wait and self._terms.moment >= claim.end:
            return self._refuse(reasons.no_answer(sorted({row.sku for _, row in late})))
        plan = planner.plan_without(late) if late else None
        if plan is None or not plan.is_possible:
            self._wait_for(late)
            plan = planner.plan(claim.missing)
        else:
            self._leave(late)
        if not plan.is_possible and not claim.is_promised:
            if reason := refusal(claim, plan.shortages, self._levels, self._queue):
                return self._refuse(reason)
            planner.asks_again = True
            plan = planner.plan(claim.missing)
        if plan.is_possible:
            return self._take(plan, [])
        return self._take(planner.plan_what_there_is(plan), claim.missing)

    def _wait_for(self, late: Sequence[tuple[UUID, ReservationRow]]) -> None:
        until = self._terms.moment + self._terms.answer
        for _, row in late:
            self._replace(row, asked_again(row, until if self._claim.may_wait else min(until, self._claim.end)))

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
        self._yield()
        self._decision.write(*(given_back(row) for row in self._match.surplus))
        self._keep_and_ask(plan)
        if self._order.held:
            self._decision.hold_status = HoldStatus.ORDERED
        is_complete = not short and all(
            row.state == ReservationState.COMMITTED or not is_open(row)
            for rows in self._match.kept.values()
            for row in rows
        )
        if is_complete:
            return self._source(SourcingStatus.COMMITTED)
        if self._claim.is_promised:
            return self._wait_in_queue(SourcingStatus.SHORT) if short else self._source(SourcingStatus.SHORT)
        return self._wait_in_queue(SourcingStatus.BACKORDERED) if short else self._source(SourcingStatus.RESERVED)

    def _yield(self) -> None:
        """Give back the units of lines that now come from another store as a whole."""
        yielded = self._planner.yielded
        for rows in self._match.kept.values():
            self._match.surplus += [row for row in rows if row in yielded]
            rows[:] = [row for row in rows if row not in yielded]

    def _keep_and_ask(self, plan: Plan) -> None:
        order, until = self._order, self._terms.moment + self._terms.answer
        for line_id, rows in self._match.kept.items():
            for row in [*rows]:
                new = taken_over(row, order.order_id, line_id, order.lines_version, until)
                if new is not row:
                    self._replace(row, new)
        for part in plan.parts:
            row = asked(part, order.order_id, order.lines_version, self._claim.attempt(part.line_id), until)
            self._match.kept[cast(UUID, part.line_id)].append(row)
            self._decision.write(row)

    def _wait_in_queue(self, status: SourcingStatus) -> Decision:
        """Let the order wait for the units that no store gives."""
        kept = {line_id: sum(own_units(row) for row in rows) for line_id, rows in self._match.kept.items()}
        lines = [
            replace(line, quantity=missing)
            for line in self._order.lines
            if line.sku not in self._terms.untracked
            and (missing := line.quantity - kept.get(cast(UUID, line.line_id), 0)) > 0
        ]
        waiting = {line.line_id: line.quantity for line in lines}
        if status is SourcingStatus.SHORT:
            return self._source(status, reasons.short(lines), waiting)
        return self._source(status, reasons.backordered(wanted_units(lines)), waiting)

    def _refuse(self, reason: str) -> Decision:
        self._decision.write(*(given_back(row) for row in self._claim.own if is_open(row)))
        self._match.kept.clear()
        if self._order.held:
            self._decision.hold_status = HoldStatus.RELEASED
        return self._source(SourcingStatus.REFUSED, reason)

    def _source(
        self,
        status: SourcingStatus,
        reason: str | None = None,
        backordered: Mapping[object, int] = MappingProxyType({}),
    ) -> Decision:
        decided_at = self._claim.decided_at
        if self._claim.is_backordered != (status == SourcingStatus.BACKORDERED):
            decided_at = self._terms.moment  # from now on it waits for something else
        self._decision.sourcing = decided_sourcing(
            self._order,
            self._terms,
            decided_at=decided_at,
            status=status,
            reason=reason,
            lines=lines_json(self._order.lines, self._match.kept, backordered),
        )
        return self._decision
