"""The decision which stores give which units. Pure: no clock, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class StockKey(NamedTuple):
    """One SKU in one store."""

    store_id: str
    sku: str


Free = Mapping[str, Mapping[str, int]]
"""The units that can be promised, by SKU and store. Less than 0 counts as none."""


@dataclass(frozen=True)
class Line:
    """Units that are wanted: a line of an order or of a cart, identified by `line_id`. `country` is its destination."""

    line_id: Hashable
    sku: str
    quantity: int
    country: str | None = None


@dataclass(frozen=True)
class Store:
    """What the choice of a store depends on. Higher `priority` is asked first, a stale store last."""

    store_id: str
    country: str = ""
    priority: int = 0
    sells_online: bool = True
    is_stale: bool = False


@dataclass(frozen=True)
class Part:
    """Units of a line that one store shall give."""

    line_id: Hashable
    store_id: str
    sku: str
    quantity: int

    @property
    def key(self) -> StockKey:
        """Where the units are."""
        return StockKey(self.store_id, self.sku)


@dataclass(frozen=True)
class Shortage:
    """A SKU of which all lines together want more units than there are."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Plan:
    """Which stores give which units: all units of all lines, or no parts and the shortages."""

    parts: Sequence[Part] = ()
    shortages: Sequence[Shortage] = ()

    @property
    def is_possible(self) -> bool:
        """Whether there is enough of each SKU."""
        return not self.shortages


@dataclass
class _Stock:
    """The units that are left while parts are chosen."""

    stores: Mapping[str, Store]
    left: dict[str, dict[str, int]] = field(default_factory=dict)

    def store(self, store_id: str) -> Store:
        return self.stores.get(store_id) or Store(store_id)

    def ranked(self, skus: Collection[str], country: str | None) -> list[str]:
        """The stores that have any of these SKUs, the best first."""
        units: dict[str, int] = defaultdict(int)
        for sku in skus:
            for store_id, quantity in self.left[sku].items():
                units[store_id] += quantity

        def rank(store_id: str) -> tuple[object, ...]:
            store = self.store(store_id)
            return store.is_stale, store.country != country, -store.priority, -units[store_id], store_id

        return sorted(units, key=rank)

    def take(self, line: Line, store_id: str, wanted: int) -> Part | None:
        """As many of the wanted units as the store has left."""
        quantity = min(wanted, self.left[line.sku].get(store_id, 0))
        if quantity <= 0:
            return None
        self.left[line.sku][store_id] -= quantity
        return Part(line.line_id, store_id, line.sku, quantity)


def source(
    lines: Sequence[Line],
    free: Free,
    stores: Mapping[str, Store],
    *,
    untracked: Collection[str] = (),
    excluded: Collection[StockKey] = (),
) -> Plan:
    """Decide which stores give the units of these lines. All units, or none.

    Lines of one SKU are summed before they are compared with what is free. A SKU in `untracked` has no parts and is
    never short. `excluded` are not asked. A store that is not in `stores` has the defaults of `Store`.

    All lines for one country come from one store if one has them all, the best first; else each line takes what the
    best stores have.
    """
    tracked = [line for line in lines if line.sku not in untracked]
    stock = _Stock(stores)
    for sku in {line.sku for line in tracked}:
        stock.left[sku] = {
            store_id: units
            for store_id, units in free.get(sku, {}).items()
            if units > 0 and (store_id, sku) not in excluded and stock.store(store_id).sells_online
        }
    if shortages := _shortages(tracked, stock):
        return Plan(shortages=shortages)
    countries: dict[str | None, list[Line]] = {}
    for line in tracked:
        countries.setdefault(line.country, []).append(line)
    return Plan([part for country, some in countries.items() for part in _parts(some, country, stock)])


def wanted_units(lines: Sequence[Line]) -> dict[str, int]:
    """The units of each SKU that all lines want together."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def _shortages(lines: Sequence[Line], stock: _Stock) -> list[Shortage]:
    sums = {sku: sum(of_stores.values()) for sku, of_stores in stock.left.items()}
    return [Shortage(sku, units, sums[sku]) for sku, units in wanted_units(lines).items() if units > sums[sku]]


def _parts(lines: Sequence[Line], country: str | None, stock: _Stock) -> list[Part]:
    wanted = wanted_units(lines)
    ranked = stock.ranked(wanted.keys(), country)
    for store_id in ranked:
        if all(stock.left[sku].get(store_id, 0) >= units for sku, units in wanted.items()):
            ranked = [store_id]
            break
    parts = []
    for line in lines:
        missing = line.quantity
        for store_id in ranked:
            if part := stock.take(line, store_id, missing):
                parts.append(part)
                missing -= part.quantity
    return parts
