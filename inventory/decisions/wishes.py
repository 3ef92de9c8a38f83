"""What a client wants to reserve, and which stores could give it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from inventory import settings
from inventory.decisions.knowledge import Knowledge
from inventory.decisions.places import NOWHERE, Place, Store, rounded
from inventory.decisions.policies import untracked
from inventory.decisions.rules import Free, Line, Part, Plan
from inventory.decisions.shortages import ShortLine, short_lines, units_left
from inventory.decisions.sourcing import source
from inventory.models import Destination, StoreId, WantedLine


@dataclass(frozen=True)
class Wish:
    """Lines, perhaps of one store, perhaps for one destination; and what is known of stores and policies."""

    lines: Sequence[WantedLine]
    store_id: StoreId | None
    destination: Destination | None
    knowledge: Knowledge

    @cached_property
    def untracked(self) -> set[str]:
        """The SKUs that are never short."""
        return untracked(self.knowledge.policies, {line.sku for line in self.lines})

    @cached_property
    def skus(self) -> list[str]:
        """The SKUs whose units are counted, each once."""
        return [sku for sku in dict.fromkeys(line.sku for line in self.lines) if sku not in self.untracked]

    def plan(self, free: Free) -> Plan:
        """Which stores give which units of those that are free; each part has the position of its line."""
        place = self._place
        lines = [Line(number, line.sku, line.quantity, place) for number, line in enumerate(self.lines)]
        return source(
            lines, self._of_store(free), self.knowledge.stores, settings.SOURCING_POLICY, untracked=self.untracked
        )

    def short_lines(self, free: Free) -> list[ShortLine]:
        """The lines for which too few units are free."""
        return short_lines(self._pairs, self._available(free))

    def units_left(self, free: Free) -> list[int]:
        """The units that are left for each line."""
        return units_left(self._pairs, self._available(free))

    def unknown(self, skus: set[str]) -> list[tuple[int, str]]:
        """The lines with one of these SKUs, by position."""
        return [(number, line.sku) for number, line in enumerate(self.lines) if line.sku in skus]

    @property
    def _place(self) -> Place:
        to = self.destination
        if to is None:
            return NOWHERE
        return Place(to.country, to.region, to.city, rounded(to.latitude), rounded(to.longitude))

    @property
    def _pairs(self) -> list[tuple[str, int]]:
        return [(line.sku, line.quantity) for line in self.lines]

    def _of_store(self, free: Free) -> Free:
        """What is free in the one store that is wanted, or in all."""
        if self.store_id is None:
            return free
        one = self.store_id
        return {sku: {one: of_stores[one]} for sku, of_stores in free.items() if one in of_stores}

    def _available(self, free: Free) -> Mapping[str, int]:
        """The units of each SKU that can be promised; as many as are wanted if they are not counted."""
        stores, policy = self.knowledge.stores, settings.SOURCING_POLICY
        units = dict.fromkeys((line.sku for line in self.lines), 0)
        for sku, of_stores in self._of_store(free).items():
            for store_id, left in of_stores.items():
                if policy.may_ask(stores.get(store_id) or Store(store_id)):
                    units[sku] += max(0, left)
        for line in self.lines:
            if line.sku in self.untracked:
                units[line.sku] += line.quantity
        return units | {each.sku: each.available for each in self.plan(free).shortages}


def units_of(parts: Sequence[Part]) -> dict[str, dict[str, int]]:
    """The units of these parts by SKU and store."""
    units: dict[str, dict[str, int]] = {}
    for part in parts:
        of_stores = units.setdefault(part.sku, {})
        of_stores[part.store_id] = of_stores.get(part.store_id, 0) + part.quantity
    return units
