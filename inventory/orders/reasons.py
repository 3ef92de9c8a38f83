"""Why an order is refused, or short, as its sourcing says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory.decisions.rules import Line, Shortage

MOST_REASON = 200
"""Characters of a reason."""


def out_of_stock(shortages: Sequence[Shortage], unknown: Sequence[str]) -> str:
    """Why an order is refused: `unknown` are the SKUs that no store has a row for."""
    parts = []
    if unknown:
        parts.append(f"not in any store: {', '.join(unknown)}")
    known = [each for each in shortages if each.sku not in unknown]
    if known:
        wants = ", ".join(
            f"{each.sku} wants {each.wanted}, has {each.available}{' unsplit' if each.is_unsplit else ''}"
            for each in known
        )
        parts.append(f"out of stock: {wants}")
    return shortened("; ".join(parts))


def no_answer(skus: Sequence[str]) -> str:
    """Why an order is refused whose stores do not answer."""
    return shortened(f"no store answered: {', '.join(skus)}")


def short(lines: Sequence[Line]) -> str:
    """Why an order that was promised all its units has fewer."""
    wants = ", ".join(f"{line.sku} wants {line.quantity} more" for line in lines)
    return shortened(f"short: {wants}")


def backordered(units: Mapping[str, int]) -> str:
    """What an order waits for, by SKU."""
    return shortened(f"back-ordered: {', '.join(f'{sku} waits for {wanted}' for sku, wanted in units.items())}")


def backordered_too_long(skus: Sequence[str], days: int) -> str:
    """Why an order is refused that has waited too long for units."""
    return shortened(f"back-ordered for {days} days: {', '.join(skus)}")


def too_many_backorders(sku: str, wanted: int, waiting: int, most: int) -> str:
    """Why an order may not wait for units of a SKU, for which others wait already."""
    return shortened(f"back-order limit of {sku} is {most}: {waiting} are back-ordered, {wanted} more are wanted")


def shortened(reason: str) -> str:
    """The reason, cut to what the column holds."""
    return reason if len(reason) <= MOST_REASON else f"{reason[: MOST_REASON - 1]}…"
