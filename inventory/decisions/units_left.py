"""The units that are left while stores are chosen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class UnitsLeft:
    """Units by SKU and store; a store without units is not there."""

    def __init__(self, units: Mapping[str, Mapping[str, int]]) -> None:
        self.units = {sku: dict(of_stores) for sku, of_stores in units.items()}

    def copy(self) -> UnitsLeft:
        """The same units, to be taken independently."""
        return UnitsLeft(self.units)

    def stores_with_any(self, skus: Iterable[str]) -> set[str]:
        """The stores that have any of these SKUs."""
        return {store_id for sku in skus for store_id in self.units[sku]}

    def has(self, store_id: str, wanted: Mapping[str, int]) -> bool:
        """Whether the store has all these units."""
        return all(self.units[sku].get(store_id, 0) >= units for sku, units in wanted.items())

    def take(self, sku: str, store_id: str, wanted: int) -> int:
        """Take as many of the wanted units as the store has. Returns how many."""
        of_stores = self.units[sku]
        units = min(wanted, of_stores.get(store_id, 0))
        if units:
            of_stores[store_id] -= units
            if not of_stores[store_id]:
                del of_stores[store_id]
        return units

    def put_back(self, sku: str, store_id: str, units: int) -> None:
        """Undo a `take`."""
        self.units[sku][store_id] = self.units[sku].get(store_id, 0) + units
