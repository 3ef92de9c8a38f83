"""Currencies come and go; how many decimals their amounts have stays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts import money
from contracts.money import RETIRED

LISTED = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
    YER ZAR ZMW ZWG
    """,
}
"""ISO 4217 as it was on 2026-01-01."""


def test_a_currency_that_was_once_listed_stays_known_with_its_decimals() -> None:
    lost = [
        code
        for decimals, codes in LISTED.items()
        for code in codes.split()
        if not money.is_known(code) or money.decimals(code) != decimals
    ]

    assert lost == [], "the list has dropped them: put them into contracts/money.py"


def test_a_currency_is_either_listed_or_retired() -> None:
    assert [code for code in RETIRED if money.is_current(code)] == []


@pytest.mark.parametrize(
    ("currency", "decimals", "is_known", "is_current"),
    [
        ("USD", 2, True, True),
        ("BGN", 2, True, False),
        ("HRK", 2, True, False),
        ("ITL", 0, True, False),
        ("XAU", 2, False, False),
        ("QQQ", 2, False, False),
        ("", 2, False, False),
    ],
)
def test_every_code_can_be_read(currency: str, decimals: int, is_known: bool, is_current: bool) -> None:
    assert money.decimals(currency) == decimals
    assert (money.is_known(currency), money.is_current(currency)) == (is_known, is_current)
    assert money.format_amount(Decimal("440.0000"), currency) == ("440.00" if decimals else "440")


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        ("18.0000", "USD", "18.00"),
        ("0.0125", "USD", "0.0125"),
        ("100.0000", "JPY", "100"),
        ("100.5000", "JPY", "100.5"),
        ("1.2300", "KWD", "1.230"),
        ("0.0000", "USD", "0.00"),
        ("999999999999999.9999", "USD", "999999999999999.9999"),
    ],
)
def test_a_price_is_shown_with_all_of_its_decimals(price: str, currency: str, shown: str) -> None:
    assert money.format_price(Decimal(price), currency) == shown
