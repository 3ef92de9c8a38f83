"""Money: amounts are `Decimal` with an ISO 4217 currency; the decimals of currencies, and rounding.

Stored currencies are never rejected: the list changes, and rows stay. `is_current` and `is_known` are for input.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from iso4217 import Currency

DEFAULT_DECIMALS = 2
"""The decimals of most currencies, and of unknown codes."""

# Source: ISO 4217, list three (historic denominations), as of 2026-01-01, without the units of account that had no
# minor unit (XFO, XFU, XRE). That list has no decimals: they are those of the list while the currency was on it, as
# java.util.Currency keeps them; of the currencies that were gone before it kept any, the usual two.
_WITHOUT_DECIMALS = "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL"
_WITH_TWO = """
    AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEL BGJ BGK BGL BGN BOP BRB BRC BRE BRN BRR
    BUK CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB FIM FRF GEK GHC GHP GNE GNS GQE GWE GWP HRD
    HRK IEP ILP ILR ISJ LAJ LSM LTL LTT LUC LUL LVL LVR MLF MRO MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI
    PES PLZ RHD ROK RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM UAK UGS UGW USS UYN UYP VEB VEF VNC XEU
    YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
"""

RETIRED: dict[str, int] = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_TWO.split(), 2),
}
"""The decimals of currencies that ISO 4217 has withdrawn: past orders use them, new prices do not.

When a new edition of the list drops a currency, add it here with the decimals that it had.
"""

_CURRENT = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
_KNOWN = RETIRED | _CURRENT


@cache
def decimals(currency: str) -> int:
    """The decimals of amounts in `currency`: 2 for USD, 0 for JPY; a retired currency keeps its own.

    Source: ISO 4217, the minor unit of each currency. Unknown codes have two.
    """
    return _KNOWN.get(currency, DEFAULT_DECIMALS)


def is_current(currency: str) -> bool:
    """Whether the currency is in use today. Codes without a minor unit (gold, testing) are not."""
    return currency in _CURRENT


def is_known(currency: str) -> bool:
    """Whether the currency is in use today or is retired: past orders may use it."""
    return currency in _KNOWN


def currencies() -> list[str]:
    """The codes of current currencies."""
    return sorted(_CURRENT)


def known_currencies() -> list[str]:
    """The codes of current and retired currencies."""
    return sorted(_KNOWN)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded to the currency's decimals, half away from zero, as is usual in trade."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), ROUND_HALF_UP)


def format_amount(amount: Decimal, currency: str) -> str:
    """`amount` as a string with exactly the currency's decimals."""
    return f"{round_amount(amount, currency):f}"


def price(of_one: Decimal, currency: str) -> Decimal:
    """A unit price without trailing zeros beyond the currency's decimals; never rounded."""
    digits = -int(plain(of_one).as_tuple().exponent)
    return of_one.quantize(Decimal(1).scaleb(-max(digits, decimals(currency))))


def format_price(of_one: Decimal, currency: str) -> str:
    """`price` as a string: "18.00" USD, "0.0125" USD, "440" JPY."""
    return f"{price(of_one, currency):f}"


def plain(fraction: Decimal) -> Decimal:
    """A fraction such as a discount without trailing zeros: 0.15, not 0.1500."""
    return fraction.normalize() + 0
