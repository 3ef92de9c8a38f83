"""The decision which stores give which units. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from inventory.decisions.places import Store
from inventory.decisions.rules import Free, Line, Part, Plan, Shortage, StockKey, by_destination, wanted_units
from inventory.decisions.sourcing_policy import MOST_COMPARED, Choice, SourcingPolicy, Split
from inventory.decisions.units_left import UnitsLeft
from inventory.decisions.unsplit import unsplit_plan

DEFAULT_POLICY = SourcingPolicy()


def source(
    lines: Sequence[Line],
    free: Free,
    stores: Mapping[str, Store],
    policy: SourcingPolicy = DEFAULT_POLICY,
    *,
    untracked: Collection[str] = (),
    excluded: Collection[StockKey] = (),
) -> Plan:
    """Decide which stores give the units of these lines. All units, or none.

    Lines of one SKU are summed before they are compared with what is free. A SKU in `untracked` has no parts and is
    never short. `excluded` are not asked. A store that is not in `stores` has the defaults of `Store`.

    For each destination the policy chooses the best store, then the best one for what is still missing.
    """
    tracked = [line for line in lines if line.sku not in untracked]
    closed = {store.store_id for store in stores.values() if not policy.may_ask(store)}
    left = UnitsLeft(
        {
            sku: {
                store_id: units
                for store_id, units in free.get(sku, {}).items()
                if units > 0 and store_id not in closed and (store_id, sku) not in excluded
            }
            for sku in {line.sku for line in tracked}
        }
    )
    if shortages := _shortages(tracked, left):
        return Plan(shortages=shortages)
    if policy.split is not Split.UNITS:
        return unsplit_plan(tracked, left, stores, policy)
    return Plan([part for some in by_destination(tracked) for part in _parts(some, left, stores, policy)])


def _shortages(lines: Sequence[Line], left: UnitsLeft) -> list[Shortage]:
    sums = {sku: sum(of_stores.values()) for sku, of_stores in left.units.items()}
    return [Shortage(sku, units, sums[sku]) for sku, units in wanted_units(lines).items() if units > sums[sku]]


def _parts(lines: Sequence[Line], left: UnitsLeft, stores: Mapping[str, Store], policy: SourcingPolicy) -> list[Part]:
    """The parts of the lines for one destination, of which there are enough units."""
    of_lines: list[list[Part]] = [[] for _ in lines]
    missing = [line.quantity for line in lines]
    for store_id in _best_stores(lines, missing, left, stores, policy):
        for number, line in enumerate(lines):
            if units := left.take(line.sku, store_id, missing[number]):
                of_lines[number].append(Part(line.line_id, store_id, line.sku, units))
                missing[number] -= units
    return [part for parts in of_lines for part in parts]


def _best_stores(
    lines: Sequence[Line],
    missing: Sequence[int],
    left: UnitsLeft,
    stores: Mapping[str, Store],
    policy: SourcingPolicy,
) -> Iterator[str]:
    """The best store for what is missing of these lines, one after the other, until nothing is."""

    def choice() -> tuple[Choice, set[str]]:
        wanted: dict[str, int] = {}
        for line, units in zip(lines, missing, strict=True):
            if units:
                wanted[line.sku] = wanted.get(line.sku, 0) + units
        return Choice(wanted, left.units, stores, lines[0].destination), left.stores_with_any(wanted)

    for _ in range(MOST_COMPARED):
        if not any(missing):
            return
        yield policy.best(*choice())
    for store_id in policy.ranked(*choice()):
        if not any(missing):
            return
        yield store_id
