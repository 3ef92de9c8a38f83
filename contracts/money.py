"""Money: amounts are `Decimal`, each with its ISO 4217 currency; how many decimals a currency has and how to round."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from iso4217 import Currency


@cache
def decimals(currency: str) -> int:
    """How many decimals amounts in `currency` have: 2 for USD, 0 for JPY. Raises ValueError for an unknown currency.

    Source: ISO 4217, the minor unit of each currency; codes without one (gold, testing) are no currency to trade in.
    """
    exponent = Currency(currency).exponent
    if exponent is None:
        raise ValueError(f"{currency} has no minor unit")
    return int(exponent)


def currencies() -> list[str]:
    """The codes of all currencies to trade in."""
    return sorted(currency.code for currency in Currency if currency.exponent is not None)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the currency's decimals, halves away from zero, as prices are rounded in trade."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP)


def shown(amount: Decimal, currency: str) -> str:
    """`amount` as a client sees it: a string with exactly the currency's decimals."""
    return f"{rounded(amount, currency):f}"


def plain(fraction: Decimal) -> Decimal:
    """A fraction such as a discount without the zeros that a column adds: 0.15, not 0.1500."""
    return fraction.normalize() + 0
