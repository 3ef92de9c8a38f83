"""What a client sends to `products` and gets from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from chassis.rest.pages import Page
from chassis.types.numbers import SHOWN_AS_NUMBER, PlainDecimal, StoredBool
from chassis.types.products import SKU_SCHEMA, Price, Sku
from chassis.types.schemas import component, decimal, example, taken_as
from chassis.types.text import Line, Prose, Word
from chassis.types.times import StoredTime
from contracts import money
from products.examples import FOUND_PRODUCT, NEW_PRODUCT, PRODUCT, REPLACED_PRODUCT, SKU, SUGGESTION

MOST_HIERARCHIES = 20


_ANY_SKU = r"^[!-\-0-~][ -.0-~]{0,63}$"


_ADDRESSES_BESIDE_PRODUCTS = {"bulk", "suggestions"}


def _no_address(sku: str) -> str:
    if sku in _ADDRESSES_BESIDE_PRODUCTS:
        raise ValueError(f"/products/{sku} is the address of something else: take another SKU")
    return sku


def _currency(code: str) -> str:
    code = _known_currency(code)
    if not money.is_current(code):
        raise ValueError(f"must be a currency to trade in today, which {code} is no more")
    return code


def _known_currency(code: str) -> str:
    code = code.strip().upper()
    if not money.is_known(code):
        raise ValueError("must be a currency of ISO 4217 in three letters, such as USD")
    return code


NewSku = Annotated[
    Sku,
    AfterValidator(_no_address),
    WithJsonSchema({**SKU_SCHEMA, "not": {"enum": sorted(_ADDRESSES_BESIDE_PRODUCTS)}}),
]
"""A SKU for a new product."""

AnySku = Annotated[str, Field(pattern=_ANY_SKU)]
"""The SKU of a product that may be there, also of a form that new ones have no more."""

ThisSku = Annotated[AnySku, Path(description="The product's SKU.", examples=[SKU])]

Currency = Annotated[
    str,
    Field(max_length=10),
    AfterValidator(_currency),
    WithJsonSchema(
        component(
            "Currency",
            type="string",
            enum=money.currencies(),
            description="A currency of ISO 4217 in three letters. Small letters are taken as well.",
        )
    ),
]
"""ISO 4217, in capitals."""

KnownCurrency = Annotated[
    str,
    Field(max_length=10),
    AfterValidator(_known_currency),
    WithJsonSchema(
        component(
            "KnownCurrency",
            type="string",
            enum=money.known_currencies(),
            description="A currency of ISO 4217 in three letters, also a retired one. Small letters are taken as well.",
        )
    ),
]
"""ISO 4217, in capitals, also of prices that were made when it was a currency still."""

Measure = Annotated[
    PlainDecimal,
    Field(ge=0, lt=10**9, decimal_places=3),
    SHOWN_AS_NUMBER,
    taken_as(component("Measure", **decimal(9, 3), description="A length or a weight, with at most three decimals.")),
]
"""A length or a weight, in what `unit` or the shop's habit says."""


ShownMeasure = Annotated[Decimal, SHOWN_AS_NUMBER]
"""A length or a weight as it is shown: what is stored is not checked again."""


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class Hierarchy(_Model):
    """One place of a product in the shop's tree, such as a category."""

    name: Line
    description: Prose | None = None


class ProductInput(_Model):
    """A product as a client writes it, but for its SKU, which never changes."""

    model_config = example(REPLACED_PRODUCT)

    name: Line
    description: Prose | None = None
    currency: Currency
    price: Price
    type: Word | None = None
    length: Measure | None = None
    width: Measure | None = None
    height: Measure | None = None
    weight: Measure | None = None
    unit: Word | None = None
    hierarchies: Annotated[list[Hierarchy], Field(max_length=MOST_HIERARCHIES)] = []
    active: StrictBool = True


class NewProduct(ProductInput):
    """A product as a client makes it."""

    model_config = example(NEW_PRODUCT)

    sku: NewSku


class StoredHierarchy(_Model):
    """One place of a product in the shop's tree."""

    model_config = ConfigDict(extra="ignore")

    name: str
    description: str | None = None


class Product(_Model):
    """One product. `price` is a string with the currency's decimals, or more where it has more."""

    model_config = example(PRODUCT)

    sku: str
    name: str
    description: str | None
    price: str
    currency: str
    type: str | None
    length: ShownMeasure | None
    width: ShownMeasure | None
    height: ShownMeasure | None
    weight: ShownMeasure | None
    unit: str | None
    hierarchies: list[StoredHierarchy]
    active: StoredBool
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class Products(Page[Product]):
    """Some products. `missing` is there when they were asked for by SKU: those that there are not."""

    missing: list[str] = Field(default_factory=list)


class Highlights(_Model):
    """Where the text is found: HTML, with `<em>` around each match and all else escaped. Null where it is not."""

    name: str | None = None
    description: list[str] | None = Field(default=None, description="Pieces of it.")
    hierarchies: list[str] | None = Field(default=None, description="The names that match.")


class FoundProduct(Product):
    """A product that a search found."""

    model_config = example(FOUND_PRODUCT)

    score: float | None = Field(description="How well it fits; null when sorted by something else.")
    highlights: Highlights | None


class ValueCount(_Model):
    """So many of the products that are found have this value."""

    value: str
    count: int


class PriceCount(_Model):
    """So many cost `from` or more, and less than `to`; null is without end."""

    model_config = ConfigDict(populate_by_name=True)

    currency: str
    low: int = Field(alias="from")
    high: int | None = Field(alias="to")
    count: int


class Facets(_Model):
    """What there is among the products that are found. A facet does not heed what is chosen in itself."""

    hierarchies: list[ValueCount]
    types: list[ValueCount]
    prices: list[PriceCount]


class FoundProducts(Page[FoundProduct]):
    """What a search found. Deleted products never show, those that are not active do."""

    total_count: int | None = Field(default=None, description="How many there are in all; with `totalCount`.")
    did_you_mean: str | None = Field(default=None, description="The text, better spelt, if it has unknown words.")
    facets: Facets | None = Field(default=None, description="With `facets`.")


class Suggestion(_Model):
    """A product that somebody may mean who is still typing."""

    model_config = example(SUGGESTION)

    text: str
    sku: str


class Suggestions(_Model):
    """The best first."""

    model_config = example({"items": [SUGGESTION]})

    items: list[Suggestion]
