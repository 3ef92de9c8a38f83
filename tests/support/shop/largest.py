"""The largest that REST takes of each kind, full of one letter: every field, and as many of each as there may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from msgspec import convert
from pydantic.alias_generators import to_snake

from contracts import json_text
from contracts.orders import DeliveryAddress
from contracts.sizes import MOST_LINES, bytes_in_a_row
from products.categories.limits import MOST_CATEGORIES_OF_PRODUCT, MOST_DEPTH

LINE, WORD, PROSE, DESCRIPTION = 200, 50, 2000, 10_000

_LINES = ("recipient", "company", "street", "building", "department", "reference", "city", "region")
_WORDS = ("phone", "streetType", "number", "postalCode")

LETTERS = {"of one byte": "x", "of three bytes": "漢", "beyond the BMP": "😀", "quotes": '"', "backslashes": "\\"}


def customer(letter: str) -> dict[str, Any]:
    """A customer as a client sends it."""
    return {
        "name": letter * LINE,
        "lastName": letter * LINE,
        "email": f"{uuid4().hex}{'x' * 32}@{'.'.join(['x' * 60] * 3)}.com",
        "identityDocument": letter * WORD,
        "phone": letter * WORD,
        "company": letter * LINE,
    }


def address(letter: str) -> dict[str, Any]:
    """An address as a client sends it."""
    return {
        **dict.fromkeys(_LINES, letter * LINE),
        **dict.fromkeys(_WORDS, letter * WORD),
        "country": "MX",
        "latitude": -89.123456,
        "longitude": -179.123456,
    }


def _prose(letter: str, length: int) -> str:
    """A text, which may have control characters: tabs and line ends."""
    return (f"{letter}\t{letter}\n" * length)[: length - 1] + letter


def categories(letter: str) -> list[dict[str, Any]]:
    """As many categories as a product may have, as clients send them, in the deepest branch; after their ancestors."""
    slugs = [uuid4().hex.ljust(64, "x") for _ in range(MOST_DEPTH - 1 + MOST_CATEGORIES_OF_PRODUCT)]
    common = {"name": letter * LINE, "description": _prose(letter, PROSE), "position": 1_000_000}
    branch = [None, *slugs[: MOST_DEPTH - 1]]
    parents = [*branch, *[branch[-1]] * (MOST_CATEGORIES_OF_PRODUCT - 1)]
    return [{"slug": slug, "parent": parent, **common} for slug, parent in zip(slugs, parents, strict=True)]


def product(letter: str, in_categories: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A product as a client sends it, in the last of these categories."""
    last = (in_categories or [])[-MOST_CATEGORIES_OF_PRODUCT:]
    return {
        "sku": f"T{uuid4().hex}".ljust(64, letter),
        "name": letter * LINE,
        "description": _prose(letter, DESCRIPTION),
        "price": "12.5",
        "currency": "USD",
        "type": letter * WORD,
        **dict.fromkeys(("length", "width", "height", "weight"), 999999999.999),
        "unit": letter * WORD,
        "categories": [each["slug"] for each in last],
    }


def lines(sku: str, address_ids: list[str]) -> list[dict[str, Any]]:
    """As many lines as an order may have, to each of the addresses by turns."""
    return [
        {"sku": sku, "quantity": 1, "deliveryAddressId": address_ids[number % len(address_ids)]}
        for number in range(MOST_LINES)
    ]


def full(size: int, letter: str = "😀") -> list[dict[str, Any]]:
    """Addresses that take exactly so many bytes in an order: as many full ones as there may be, and some of letters."""
    full_one, full_short, empty = (_bytes_of(address(each)) for each in (letter, "x", ""))
    full_ones, left = divmod(size, full_one)
    if full_short * 2 > left:  # enough for two of the others, which take up what is left
        full_ones, left = full_ones - 1, left + full_one
    others = -(-left // full_short)
    letters, extra = divmod(left - others * empty, others)
    short = [_with_letters(letters + (number < extra)) for number in range(others)]
    return [address(letter)] * full_ones + short


def as_kept(sent: dict[str, Any]) -> DeliveryAddress:
    """The address as an order keeps it."""
    return convert({**dict(_fields(sent)), "address_id": str(uuid4())}, DeliveryAddress)


def _fields(sent: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in sent.items():
        yield to_snake(name), str(value) if isinstance(value, float) else value


def _bytes_of(sent: dict[str, Any]) -> int:
    """What one address takes among others: its text and the separator; the brackets around all take as much."""
    return bytes_in_a_row(json_text.to_json_text([as_kept(sent)]))


def _with_letters(count: int) -> dict[str, Any]:
    """An address with so many letters of one byte."""
    sent = address("")
    for name, most in {**dict.fromkeys(_LINES, LINE), **dict.fromkeys(_WORDS, WORD)}.items():
        others = sum(not sent[each] for each in (*_LINES, *_WORDS)) - 1
        sent[name] = "x" * min(most, count - others)
        count -= len(sent[name])
    return sent
