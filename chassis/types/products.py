"""What clients write of a product, wherever they do: its SKU and its price."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import component, decimal
from chassis.types.text import A_LINE, BLANK_IN_PATTERN, REJECTED_IN_PATTERN, clean_line, not_empty, still_within

MAX_SKU = 64

AnySku = Annotated[
    str,
    StringConstraints(max_length=MAX_SKU),
    AfterValidator(clean_line),
    AfterValidator(not_empty),
    AfterValidator(still_within(MAX_SKU)),
    WithJsonSchema(component("AnySku", type="string", minLength=1, maxLength=MAX_SKU, pattern=A_LINE)),
]
"""The SKU of a product that may exist, trimmed and in Unicode NFC: two that differ only in that are one."""

_NOT_IN_SKU = f"{REJECTED_IN_PATTERN}{BLANK_IN_PATTERN.removeprefix(' ')}"
_INVISIBLE = re.compile(f"[{_NOT_IN_SKU}]")

_NO_SEGMENTS = (".", "..")
"""They have no URL: clients remove them from a path, percent-encoded ones as well."""


def _visible(sku: object) -> object:
    if isinstance(sku, str) and _INVISIBLE.search(sku):
        raise ValueError("invisible characters and other blanks than the ordinary one are not allowed")
    return sku


def _has_a_url(sku: str) -> str:
    if sku in _NO_SEGMENTS:
        raise ValueError("must not be . or .., which no URL can have")
    return sku


SKU_SCHEMA = component(
    "Sku",
    type="string",
    minLength=1,
    maxLength=MAX_SKU,
    pattern=f"^[^{_NOT_IN_SKU}]*[^ {_NOT_IN_SKU}][^{_NOT_IN_SKU}]*$",
    **{"not": {"enum": [*_NO_SEGMENTS]}},
    description="Visible characters, with blanks between them. Case-sensitive, in Unicode NFC, trimmed. In the path of "
    "a URL it is percent-encoded, also its slashes.",
    examples=["NW-0001"],
)

Sku = Annotated[AnySku, BeforeValidator(_visible), AfterValidator(_has_a_url), WithJsonSchema(SKU_SCHEMA)]
"""The SKU of a new product or order line."""

Price = Annotated[
    PlainDecimal,
    Field(ge=0, lt=10**12, decimal_places=4),
    WithJsonSchema(
        component(
            "Price",
            **decimal(12, 4),
            description="Price of one unit, with up to four decimals, even if the currency has fewer.",
        )
    ),
]
"""Price of one unit: a string (or a number) in JSON. Amounts are rounded to the currency, prices are not."""
