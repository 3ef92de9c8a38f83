"""What clients send to `products` and get from it."""

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
from chassis.types.products import SKU_SCHEMA, AnySku, Price, Sku
from chassis.types.schemas import component, decimal, example, input_schema
from chassis.types.text import Description, Line, Word
from chassis.types.times import StoredTime
from contracts import money
from products.categories.limits import MOST_CATEGORIES_OF_PRODUCT
from products.categories.models import Slug
from products.examples import FOUND_PRODUCT, NEW_PRODUCT, PRODUCT, REPLACED_PRODUCT, SKU, SUGGESTION

_ADDRESSES_BESIDE_PRODUCTS = {"bulk", "suggestions"}


def _no_address(sku: str) -> str:
    if sku in _ADDRESSES_BESIDE_PRODUCTS:
        raise ValueError(f"/products/{sku} is a reserved path; use another SKU")
    return sku


def once_each(slugs: list[str]) -> list[str]:
    """The slugs in their order, each once."""
    return list(dict.fromkeys(slugs))


def _currency(code: str) -> str:
    code = _known_currency(code)
    if not money.is_current(code):
        raise ValueError(f"must be a current currency; {code} is retired")
    return code


def _known_currency(code: str) -> str:
    code = code.strip().upper()
    if not money.is_known(code):
        raise ValueError("must be an ISO 4217 currency code, such as USD")
    return code


NewSku = Annotated[
    Sku,
    AfterValidator(_no_address),
    WithJsonSchema({**SKU_SCHEMA, "allOf": [{"not": {"enum": sorted(_ADDRESSES_BESIDE_PRODUCTS)}}]}),
]
"""A SKU for a new product."""

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
            description="An ISO 4217 currency code; lower case is accepted.",
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
            description="An ISO 4217 currency code, current or retired; lower case is accepted.",
        )
    ),
]
"""ISO 4217, in capitals; also a retired one, since existing prices may use it."""

Measure = Annotated[
    PlainDecimal,
    Field(ge=0, lt=10**9, decimal_places=3),
    SHOWN_AS_NUMBER,
    input_schema(
        component(
            "Measure",
            **decimal(9, 3),
            description="A length in centimetres, or a weight in kilograms, with at most three decimals.",
        )
    ),
]
"""A length in centimetres, or a weight in kilograms."""


Categories = Annotated[
    list[Slug],
    Field(max_length=MOST_CATEGORIES_OF_PRODUCT, description="Slugs of existing categories; each counts once."),
    AfterValidator(once_each),
]
"""The categories of a product."""

ShownMeasure = Annotated[Decimal, SHOWN_AS_NUMBER]
"""A stored length or weight; it is not validated when it is read."""


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class ProductInput(_Model):
    """A product as clients write it, without its SKU, which never changes."""

    model_config = example(REPLACED_PRODUCT)

    name: Line
    description: Description | None = None
    currency: Currency
    price: Price
    type: Word | None = None
    length: Measure | None = None
    width: Measure | None = None
    height: Measure | None = None
    weight: Measure | None = None
    unit: Word | None = None
    categories: Categories = []
    active: StrictBool = True


class NewProduct(ProductInput):
    """A new product."""

    model_config = example(NEW_PRODUCT)

    sku: NewSku


class Product(_Model):
    """One product. `price` is a string with at least the decimals of its currency."""

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
    categories: list[str]
    active: StoredBool
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class Products(Page[Product]):
    """A page of products. With `sku`, `missing` lists the SKUs that do not exist."""

    missing: list[str] = Field(default_factory=list)


class Highlights(_Model):
    """Matches of the text as escaped HTML with `<em>` around each match; null where nothing matches."""

    name: str | None = None
    description: list[str] | None = Field(default=None, description="Excerpts.")
    categories: list[str] | None = Field(default=None, description="Matching names.")


class FoundProduct(Product):
    """A search result."""

    model_config = example(FOUND_PRODUCT)

    score: float | None = Field(description="Relevance; null if the results are sorted otherwise.")
    highlights: Highlights | None


class ValueCount(_Model):
    """The number of results with this value; that of a category is its slug."""

    value: str
    count: int


class PriceCount(_Model):
    """The number of results with a price from `from` and below `below`; null is unbounded."""

    model_config = ConfigDict(populate_by_name=True)

    currency: str
    low: int = Field(alias="from")
    below: int | None
    count: int


class Facets(_Model):
    """Counts among the results. A facet ignores the filter on its own member."""

    categories: list[ValueCount]
    types: list[ValueCount]
    prices: list[PriceCount]


class FoundProducts(Page[FoundProduct]):
    """A page of search results. Inactive products are included, deleted ones are not."""

    total_count: int | None = Field(default=None, description="Total number of results; with `totalCount`.")
    did_you_mean: str | None = Field(
        default=None, description="The text that the results match, if none matches `text` as written."
    )
    facets: Facets | None = Field(default=None, description="With `facets`.")


class Suggestion(_Model):
    """A suggested product for an incomplete text."""

    model_config = example(SUGGESTION)

    text: str
    sku: str


class Suggestions(_Model):
    """Suggestions, best first."""

    model_config = example({"items": [SUGGESTION]})

    items: list[Suggestion]
