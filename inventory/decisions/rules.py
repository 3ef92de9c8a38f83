"""What is decided about stores and units: lines that want units, and the plan which stores give them. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inventory.decisions.places import NOWHERE, Place


class StockKey(NamedTuple):
    """One SKU in one store."""

    store_id: str
    sku: str


Free = Mapping[str, Mapping[str, int]]
"""The units that can be promised, by SKU and store. Less than 0 counts as none."""


@dataclass(frozen=True)
class Line:
    """Units that are wanted: a line of an order or of a cart, identified by `line_id`.

    Lines with the same `address_id` and `destination` are sent together.
    """

    line_id: Hashable
    sku: str
    quantity: int
    destination: Place = NOWHERE
    address_id: Hashable = None


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
    """A SKU of which all lines together want more units than there are, or than a store that gives them unsplit has."""

    sku: str
    wanted: int
    available: int
    is_unsplit: bool = False


@dataclass(frozen=True)
class Plan:
    """Which stores give which units: all units of all lines, or no parts and the shortages."""

    parts: Sequence[Part] = ()
    shortages: Sequence[Shortage] = ()

    @property
    def is_possible(self) -> bool:
        """Whether there is enough of each SKU."""
        return not self.shortages


def wanted_units(lines: Sequence[Line]) -> dict[str, int]:
    """The units of each SKU that all lines want together."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def by_destination(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines that are sent together."""
    groups: dict[object, list[Line]] = {}
    for line in lines:
        groups.setdefault((line.address_id, line.destination), []).append(line)
    return [*groups.values()]
