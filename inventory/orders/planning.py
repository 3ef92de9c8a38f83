"""Which stores can give the units that an order misses: all of them, also those of late stores, or some. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

from contracts.inventory.reservations import ReservationRow, Wanted
from inventory.decisions.rules import Line, Plan, StockKey, by_destination, wanted_units
from inventory.decisions.sourcing import source
from inventory.decisions.sourcing_policy import Split
from inventory.levels import Levels
from inventory.orders.claim import Claim
from inventory.orders.queue import Queue
from inventory.reservations import OPEN, is_late, key_of, left_units


class Planner:
    """Plans for one order. `yielded` are the units that it gives in exchange for those of the last plan.

    With `asks_again`, also stores are asked that did not give units of its lines.
    """

    def __init__(self, claim: Claim, levels: Levels, queue: Queue) -> None:
        self._claim, self._levels, self._queue = claim, levels, queue
        self.asks_again = claim.terms.is_retry or claim.is_backordered
        self.yielded: list[ReservationRow] = []

    def plan(self, lines: Sequence[Line], late: Collection[StockKey] = ()) -> Plan:
        """The plan for these lines, without the stores that are late."""
        claim = self._claim
        self.yielded = []
        if not lines:
            return Plan()
        lines, yielded = self._unsplit(lines)
        free = self._levels.free(line.sku for line in lines)
        excluded = {*late} | self._not_asked_again()
        surplus, leaving = _sums([*claim.match.surplus, *yielded]), _sums(claim.leaving())
        for sku, of_stores in free.items():
            for store_id in of_stores:
                key = StockKey(store_id, sku)
                own = surplus.get(key, 0)
                of_stores[store_id] = max(own, of_stores[store_id] + own + leaving.get(key, 0))
                if not claim.is_promised and self._queue.is_behind(claim.order, sku):
                    of_stores[store_id] = own
        plan = source(lines, free, claim.terms.stores, claim.terms.policy, excluded=excluded)
        self.yielded = yielded if plan.is_possible else []
        return plan

    def plan_without(self, late: Sequence[tuple[UUID, ReservationRow]]) -> Plan:
        """The plan for what is missing and what late stores should give, from others."""
        line_of: dict[object, Line] = {line.line_id: line for line in self._claim.order.lines}
        units: dict[object, int] = {line.line_id: line.quantity for line in self._claim.missing}
        for line_id, row in late:
            units[line_id] = units.get(line_id, 0) + row.quantity
        lines = [replace(line_of[line_id], quantity=quantity) for line_id, quantity in units.items()]
        return self.plan(lines, {key_of(row) for _, row in late})

    def plan_what_there_is(self, lacking: Plan) -> Plan:
        """The plan for as many of the missing units as there are, first lines first; for whole lines if they are not
        split. `lacking` is the one for all of them.
        """
        if self._claim.terms.policy.split is not Split.UNITS:
            return self.plan(self._whole_lines())
        missing = self._claim.missing
        left = wanted_units(missing) | {each.sku: each.available for each in lacking.shortages}
        lines = []
        for line in missing:
            units = min(line.quantity, left[line.sku])
            left[line.sku] -= units
            lines += [replace(line, quantity=units)] if units else []
        return self.plan(lines)

    def _unsplit(self, lines: Sequence[Line]) -> tuple[Sequence[Line], list[ReservationRow]]:
        """The lines as wholes if the policy does not split them, and the units that they have in exchange."""
        claim = self._claim
        terms, split = claim.terms, claim.terms.policy.split
        if split is Split.UNITS:
            return lines, []
        ids = {line.line_id for line in lines}
        if split is Split.NEVER:
            to = {(line.address_id, line.destination) for line in lines}
            ids |= {line.line_id for line in claim.order.lines if (line.address_id, line.destination) in to}
        apart = {line_id for line_id, rows in claim.match.kept.items() if any(map(_has_left, rows))}
        whole = [line for line in claim.order.lines if line.line_id in ids - apart and line.sku not in terms.untracked]
        kept = [row for line in whole for row in claim.match.kept[cast(UUID, line.line_id)]]
        missing = [line for line in lines if line.line_id in apart]
        return [*whole, *missing], [row for row in kept if not is_late(row, terms.moment)]

    def _whole_lines(self) -> list[Line]:
        """The missing lines for which there are enough units, unless those that an order was promised stay apart."""
        found: list[Line] = []
        if self._claim.is_promised:
            return found
        groups = by_destination(self._claim.missing)
        is_never = self._claim.terms.policy.split is Split.NEVER
        for some in groups if is_never else [[line] for group in groups for line in group]:
            found += some if self.plan([*found, *some]).is_possible else []
        return found

    def _not_asked_again(self) -> set[StockKey]:
        """The stores that did not give the units of these lines and have said nothing new since; those that have not
        released some, if it is a retry or the order waits for units.
        """
        claim = self._claim
        if claim.is_new:
            return set()
        if self.asks_again:
            return {key_of(row) for row in claim.leaving()}
        version, restocked = claim.order.lines_version, claim.terms.restocked
        return {
            key_of(row)
            for row in claim.order.reservations
            if row.lines_version == version
            and (row.wanted == Wanted.RELEASE if row.state in OPEN else key_of(row) not in restocked)
        }


def _has_left(row: ReservationRow) -> bool:
    """Whether shipments took units of it: a line of which some have left is not given by another store as a whole."""
    return row.dispatched > 0 or left_units(row) > 0


def _sums(rows: Sequence[ReservationRow]) -> dict[StockKey, int]:
    sums: dict[StockKey, int] = {}
    for row in rows:
        sums[key_of(row)] = sums.get(key_of(row), 0) + row.quantity
    return sums
