"""The sourcing policy: named rules, in order, that choose which store gives units, and how far lines are split. Pure.

The first rule that does not tie decides; after all of them, the store's id does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any

from inventory.decisions.places import Place, Store, distance_km

MOST_COMPARED = 10
"""Parcels to one destination for which all stores are compared again. Further ones come in the order of one ranking."""

Left = Mapping[str, Mapping[str, int]]
"""The units that are left, by SKU and store."""


class Split(StrEnum):
    """How far the lines for one destination are split between stores."""

    UNITS = "units"
    """The units of a line may come from several stores."""
    LINES = "lines"
    """A line comes from one store; another line may come from another one."""
    NEVER = "never"
    """All lines for one destination come from one store."""


class StaleStores(StrEnum):
    """What becomes of stores that have not been heard of for `OMS_STORE_STALE_S`."""

    LAST = "last"
    """They are asked as the rule `fresh` says."""
    NEVER = "never"
    """They are not asked."""


class Choice:
    """The choice of a store for one destination: the `wanted` units by SKU, and those that are left in stores."""

    def __init__(self, wanted: Mapping[str, int], left: Left, stores: Mapping[str, Store], destination: Place) -> None:
        self.wanted, self._left, self._stores = wanted, left, stores
        self.destination = destination

    def store(self, store_id: str) -> Store:
        """What is known of a store."""
        return self._stores.get(store_id) or Store(store_id)

    def units(self, store_id: str) -> int:
        """The units of all wanted SKUs that the store has left."""
        return sum(self._left[sku].get(store_id, 0) for sku in self.wanted)

    def having_all(self, candidates: Collection[str]) -> Collection[str]:
        """Those of these stores that have all wanted units."""
        for sku, units in self.wanted.items():
            of_stores = self._left[sku]
            candidates = [each for each in candidates if of_stores.get(each, 0) >= units]
        return candidates

    def parcels(self, store_id: str) -> tuple[int, int]:
        """The least parcels for any one SKU if this store sends one, and how many SKUs others must complete."""
        parcels, incomplete = 1, 0
        for sku, wanted in self.wanted.items():
            units = self._left[sku].get(store_id, 0)
            if units < wanted:
                incomplete += 1
                parcels = max(parcels, self._parcels(sku, units))
        return parcels, incomplete

    def _parcels(self, sku: str, units: int) -> int:
        """The largest stocks complete the units of this one, unless it is among them."""
        sums, least = self._sums[sku]
        if units >= least:
            return bisect_left(sums, self.wanted[sku]) + 1
        return bisect_left(sums, self.wanted[sku] - units) + 2

    @cached_property
    def _sums(self) -> Mapping[str, tuple[Sequence[int], int]]:
        """The sums of the largest stocks of each SKU, and the least of those that give all wanted units together."""
        found = {}
        for sku, wanted in self.wanted.items():
            stocks = sorted((units for units in self._left[sku].values() if units > 0), reverse=True)
            sums = [*accumulate(stocks)]
            last = min(bisect_left(sums, wanted), len(sums) - 1)
            found[sku] = (sums, stocks[last] if stocks else 0)
        return found


Rule = Callable[[Choice, str], Any]
"""What a store is compared by; the least is the best."""

RULES: Mapping[str, Rule] = {
    "fresh": lambda choice, store_id: choice.store(store_id).is_stale,
    "fewest-parcels": Choice.parcels,
    "country": lambda choice, store_id: choice.store(store_id).place.country != choice.destination.country,
    "nearest": lambda choice, store_id: distance_km(choice.destination, choice.store(store_id).place),
    "priority": lambda choice, store_id: -choice.store(store_id).priority,
    "most-left": lambda choice, store_id: -choice.units(store_id),
}
"""The rules by name."""

FEWEST_PARCELS = "fewest-parcels"

DEFAULT_RULES = ("fresh", "fewest-parcels", "country", "nearest", "priority", "most-left")


@dataclass(frozen=True)
class SourcingPolicy:
    """Rules by name, how far lines are split, and whether stale stores are asked."""

    rules: Sequence[str] = DEFAULT_RULES
    split: Split = Split.UNITS
    stale_stores: StaleStores = StaleStores.LAST

    def may_ask(self, store: Store) -> bool:
        """Whether the store is asked at all."""
        return store.sells_online and not (store.is_stale and self.stale_stores is StaleStores.NEVER)

    def best(self, choice: Choice, candidates: Collection[str]) -> str:
        """The best of these stores, of which there is at least one."""
        for name in self.rules:
            if len(candidates) == 1:
                break
            if name == FEWEST_PARCELS and (complete := choice.having_all(candidates)):
                candidates = complete
                continue
            compared = [(RULES[name](choice, each), each) for each in candidates]
            least = min(value for value, _ in compared)
            candidates = [each for value, each in compared if value == least]
        return min(candidates)

    def ranked(self, choice: Choice, candidates: Collection[str]) -> list[str]:
        """These stores, the best first, by all rules but that of the fewest parcels."""
        rules = [RULES[name] for name in self.rules if name != FEWEST_PARCELS]
        return sorted(candidates, key=lambda each: (*(rule(choice, each) for rule in rules), each))


def parsed_policy(rules: str, split: str, stale_stores: str) -> SourcingPolicy:
    """The policy of the settings. Raises ValueError with what is expected."""
    names = tuple(name.strip() for name in rules.split(",") if name.strip())
    for name in names:
        if name not in RULES:
            raise ValueError(f"OMS_SOURCING_RULES has {name!r}: expected some of {', '.join(RULES)}")
    if len({*names}) < len(names):
        raise ValueError(f"OMS_SOURCING_RULES is {rules!r}: expected each rule once")
    _check("OMS_SOURCING_SPLIT", split, Split)
    _check("OMS_STALE_STORES", stale_stores, StaleStores)
    return SourcingPolicy(names, Split(split), StaleStores(stale_stores))


def _check(variable: str, value: str, kind: type[StrEnum]) -> None:
    if value not in [*kind]:
        raise ValueError(f"{variable} is {value!r}: expected one of {', '.join(kind)}")
