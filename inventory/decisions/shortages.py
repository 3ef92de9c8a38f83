"""Which lines are short if a SKU has fewer units than all lines together want. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ShortLine:
    """A line, by its position, that wants more units than the lines before it leave."""

    number: int
    sku: str
    wanted: int
    available: int


def units_left(lines: Sequence[tuple[str, int]], available: Mapping[str, int]) -> list[int]:
    """The units that are available to each line (SKU, quantity): those before it take theirs first.

    A line that is short takes none.
    """
    left = dict(available)
    shown = []
    for sku, wanted in lines:
        units = left.get(sku, 0)
        shown.append(units)
        if wanted <= units:
            left[sku] = units - wanted
    return shown


def short_lines(lines: Sequence[tuple[str, int]], available: Mapping[str, int]) -> list[ShortLine]:
    """The lines that are short; at least one if a SKU is."""
    left = units_left(lines, available)
    return [
        ShortLine(number, sku, wanted, units)
        for number, ((sku, wanted), units) in enumerate(zip(lines, left, strict=True))
        if wanted > units
    ]
