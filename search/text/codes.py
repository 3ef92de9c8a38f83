"""Codes and sizes in the texts of a product: parts of SKUs and model numbers, and `500 g` or `0.5 l` in one form.

Both sides use them: a document stores those of the product, and a search looks for those of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from search.text.words import FUNCTION_WORDS, folded, has_digit

MAX_PARTS = 8
"""Of one code; the parts of longer ones are not found by themselves."""

_PART = re.compile(r"\d+|[^\W\d_]+")
_UNITS: dict[str, tuple[str, str]] = {
    spelling: (unit, factor)
    for unit, factor, spellings in (
        ("g", "0.001", "mg milligram milligrams"),
        ("g", "1", "g gr gram grams gramm gramme grammes"),
        ("g", "1000", "kg kgs kilo kilos kilogram kilograms kilogramm"),
        ("ml", "1", "ml milliliter milliliters millilitre millilitres cc"),
        ("ml", "10", "cl centiliter centilitre"),
        ("ml", "100", "dl"),
        ("ml", "1000", "l ltr liter liters litre litres"),
        ("mm", "1", "mm"),
        ("mm", "10", "cm"),
        ("mm", "1000", "m meter meters metre metres"),
        ("inch", "1", 'inch inches zoll "'),
        ("oz", "1", "oz ounce ounces"),
        ("lb", "1", "lb lbs pound pounds"),
        ("gb", "1", "gb"),
        ("gb", "1000", "tb"),
        ("w", "1", "w watt watts"),
        ("w", "1000", "kw"),
        ("v", "1", "v volt volts"),
        ("mah", "1", "mah"),
    )
    for spelling in spellings.split()
}
_SIZE = re.compile(
    r"(?<![\w.,])(\d{1,9}(?:[.,]\d{1,6})?)[ -]?("
    + "|".join(re.escape(each) for each in sorted(_UNITS, key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)


def joined(text: str) -> str:
    """The letters and digits of a text, folded: `NW-0077` and `nw 0077` are both `nw0077`."""
    return "".join(_PART.findall(folded(text)))


def codes_of_sku(sku: str) -> list[str]:
    """The SKU in one word, and its parts from any one to any other that have a digit.

    Numbers are found without their leading zeros too.
    """
    return [each for each in dict.fromkeys(_codes_of(sku)) if each]


def codes_of_name(name: str) -> list[str]:
    """Model numbers and their parts, and words in one: `tshirt` for `T-shirt`, `smartwatch` for `smart watch`."""
    chunks = name.split()
    found = {code: None for chunk in chunks for code in _codes_of(chunk)}
    pairs = ((chunk, following) for chunk, following in pairwise(chunks) if folded(chunk) not in FUNCTION_WORDS)
    found |= {joined(chunk + following): None for chunk, following in pairs}
    words = {joined(chunk) for chunk in chunks if chunk.isalpha()}
    return [each for each in found if each and each not in words]


def _codes_of(chunk: str) -> Iterator[str]:
    parts = _PART.findall(folded(chunk))
    yield "".join(parts)
    parts = parts[:MAX_PARTS]
    for shown in (parts, [each.lstrip("0") or "0" if each.isdecimal() else each for each in parts]):
        for start in range(len(shown)):
            for end in range(start + 1, len(shown) + 1):
                if has_digit(code := "".join(shown[start:end])):
                    yield code


def sizes(texts: Iterable[str | None]) -> list[str]:
    """The sizes in these texts, each in its base unit: `500g` for `0.5 kg`."""
    return list(dict.fromkeys(size for text in texts if text for _, size in split_sizes(text) if size is not None))


def split_sizes(text: str) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, in order; of a piece that is a size, also that size in its base unit."""
    at = 0
    for match in _SIZE.finditer(text):
        if before := text[at : match.start()].strip():
            yield before, None
        yield match.group(), _size(*match.groups())
        at = match.end()
    if rest := text[at:].strip():
        yield rest, None


def _size(number: str, spelling: str) -> str:
    unit, factor = _UNITS[spelling.lower()]
    is_grouped = "," in number and len(number) - number.index(",") == 4 and not number.startswith("0")
    value = Decimal(number.replace(",", "" if is_grouped else ".")) * Decimal(factor)
    return f"{value.normalize():f}{unit}"
