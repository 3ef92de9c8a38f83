"""What clients write of a product, wherever they do: its SKU and its price."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema

from chassis.types.numbers import PlainDecimal
from chassis.types.schemas import component, decimal
from contracts.products import SKU_PATTERN

SKU_SCHEMA = component(
    "Sku",
    type="string",
    pattern=f"^{SKU_PATTERN}$",
    description="Case-sensitive.",
    examples=["NW-0001"],
)

Sku = Annotated[str, Field(pattern=f"^{SKU_PATTERN}$"), WithJsonSchema(SKU_SCHEMA)]

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
