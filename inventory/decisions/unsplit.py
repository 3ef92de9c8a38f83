"""Plans that do not split a line, or the lines for one destination, between stores. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from inventory.decisions.places import Place, Store
from inventory.decisions.rules import Line, Part, Plan, Shortage, by_destination, wanted_units
from inventory.decisions.sourcing_policy import MOST_COMPARED, Choice, SourcingPolicy, Split
from inventory.decisions.units_left import UnitsLeft

MOST_BUNDLES, MOST_STEPS = 50, 1000
"""Beyond these a search ends: to assign lines to stores is a packing problem, whose effort has no bound."""


@dataclass(frozen=True)
class _Bundle:
    """Lines that must come from one store."""

    lines: Sequence[Line]

    @property
    def destination(self) -> Place:
        return self.lines[0].destination

    @cached_property
    def wanted(self) -> dict[str, int]:
        return wanted_units(self.lines)

    @cached_property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)


Assigned = dict[int, str]
"""The store of each bundle, by position."""


def unsplit_plan(lines: Sequence[Line], left: UnitsLeft, stores: Mapping[str, Store], policy: SourcingPolicy) -> Plan:
    """The plan for lines of which there are enough units in all stores together.

    The best stores come first. If they leave no store for the last lines, a search looks for another assignment.
    """
    groups = by_destination(lines)
    bundles = [
        _Bundle(some)
        for group in groups
        for some in ([group] if policy.split is Split.NEVER else [[line] for line in group])
    ]
    chooser = _Chooser(bundles, left, stores, policy)
    assigned = chooser.best_first()
    if len(assigned) < len(bundles):
        assigned = chooser.searched() or assigned
    if len(assigned) < len(bundles):
        return Plan(shortages=chooser.shortages(assigned))
    store_of = {line.line_id: assigned[number] for number, each in enumerate(bundles) for line in each.lines}
    return Plan([Part(line.line_id, store_of[line.line_id], line.sku, line.quantity) for line in lines])


class _Chooser:
    def __init__(
        self, bundles: Sequence[_Bundle], left: UnitsLeft, stores: Mapping[str, Store], policy: SourcingPolicy
    ) -> None:
        self._bundles, self._left, self._stores, self._policy = bundles, left, stores, policy

    def best_first(self) -> Assigned:
        """Each destination's bundles to its best stores, the largest bundles first; perhaps not all."""
        left, assigned = self._left.copy(), Assigned()
        for numbers in self._of_destinations():
            missing = sorted(numbers, key=lambda number: -self._bundles[number].units)
            for store_id in self._best_stores(missing, left):
                for number in [*missing]:
                    if left.has(store_id, self._bundles[number].wanted):
                        _take(self._bundles[number], store_id, left)
                        assigned[number] = store_id
                        missing.remove(number)
        return assigned

    def _best_stores(self, missing: Sequence[int], left: UnitsLeft) -> Iterator[str]:
        """The best store that has one of the missing bundles, one after the other, until none is missing or has any."""
        for _ in range(MOST_COMPARED):
            candidates = {store_id for number in missing for store_id in self._fitting(number, left)}
            if not candidates:
                return
            yield self._policy.best(self._choice(missing, left), candidates)
        if missing:
            choice = self._choice(missing, left)
            yield from self._policy.ranked(choice, left.stores_with_any(choice.wanted))

    def searched(self) -> Assigned | None:
        """An assignment of all bundles, if the search finds one."""
        if len(self._bundles) > MOST_BUNDLES:
            return None
        left = self._left.copy()
        fitting = {
            number: self._policy.ranked(self._choice([number], left), self._fitting(number, left))
            for number in range(len(self._bundles))
        }
        order = sorted(fitting, key=lambda number: (len(fitting[number]), -self._bundles[number].units))
        assigned, steps = Assigned(), iter(range(MOST_STEPS))
        return assigned if self._assign(order, fitting, left, assigned, steps) else None

    def shortages(self, assigned: Assigned) -> list[Shortage]:
        """The SKUs that lack units in every store, once these bundles are assigned."""
        left = self._left.copy()
        for number, store_id in assigned.items():
            _take(self._bundles[number], store_id, left)
        missing: dict[str, int] = {}
        for number, bundle in enumerate(self._bundles):
            if number in assigned:
                continue
            _, store_id = min(
                (self._lacking(bundle, each, left), each) for each in [*left.stores_with_any(bundle.wanted), ""]
            )
            for sku, units in bundle.wanted.items():
                missing[sku] = missing.get(sku, 0) + units - left.take(sku, store_id, units)
        wanted = wanted_units([line for bundle in self._bundles for line in bundle.lines])
        return [
            Shortage(sku, units, units - missing[sku], is_unsplit=True)
            for sku, units in wanted.items()
            if missing.get(sku)
        ]

    def _assign(
        self,
        order: Sequence[int],
        fitting: Mapping[int, Sequence[str]],
        left: UnitsLeft,
        assigned: Assigned,
        steps: Iterator[int],
    ) -> bool:
        if not order:
            return True
        number, bundle = order[0], self._bundles[order[0]]
        for store_id in fitting[number]:
            if not left.has(store_id, bundle.wanted):
                continue
            if next(steps, None) is None:
                return False
            _take(bundle, store_id, left)
            assigned[number] = store_id
            if self._assign(order[1:], fitting, left, assigned, steps):
                return True
            del assigned[number]
            for sku, units in bundle.wanted.items():
                left.put_back(sku, store_id, units)
        return False

    def _of_destinations(self) -> list[list[int]]:
        groups: dict[object, list[int]] = {}
        for number, bundle in enumerate(self._bundles):
            groups.setdefault((bundle.lines[0].address_id, bundle.destination), []).append(number)
        return [*groups.values()]

    def _fitting(self, number: int, left: UnitsLeft) -> list[str]:
        wanted = self._bundles[number].wanted
        return [each for each in left.stores_with_any(wanted) if left.has(each, wanted)]

    def _choice(self, numbers: Sequence[int], left: UnitsLeft) -> Choice:
        lines = [line for number in numbers for line in self._bundles[number].lines]
        return Choice(wanted_units(lines), left.units, self._stores, lines[0].destination)

    def _lacking(self, bundle: _Bundle, store_id: str, left: UnitsLeft) -> int:
        return sum(max(0, units - left.units[sku].get(store_id, 0)) for sku, units in bundle.wanted.items())


def _take(bundle: _Bundle, store_id: str, left: UnitsLeft) -> None:
    for sku, units in bundle.wanted.items():
        left.take(sku, store_id, units)
