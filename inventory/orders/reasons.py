"""Why an order is refused, or short, as its sourcing says it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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


def shortened(reason: str) -> str:
    """The reason, cut to what the column holds."""
    return reason if len(reason) <= MOST_REASON else f"{reason[: MOST_REASON - 1]}…"
