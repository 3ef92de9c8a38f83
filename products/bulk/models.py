"""A product in one JSON line: as it is imported, and as it is exported."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Tag

from chassis.bulk.exported import ExportedState
from chassis.bulk.stored import (
    BY_EXPORTED,
    KEPT,
    NEW,
    StoredCurrency,
    StoredDescription,
    StoredLine,
    StoredMeasure,
    StoredMoney,
    StoredSku,
    StoredText,
    StoredWord,
)
from chassis.types.schemas import example
from products.examples import EXPORTED_PRODUCT, NEW_PRODUCT
from products.models import NewProduct, once_each


class ProductLine(NewProduct):
    """A product. With `exported`, it is created as it was when it was exported."""

    model_config = example(NEW_PRODUCT)

    exported: ExportedState | None = None


class ExportedProduct(ProductLine):
    """An exported product. Values are validated only against what the columns can hold."""

    model_config = example(EXPORTED_PRODUCT)

    sku: StoredSku
    name: StoredLine
    description: StoredDescription | None = None
    currency: StoredCurrency
    price: StoredMoney
    type: StoredWord | None = None
    length: StoredMeasure | None = None
    width: StoredMeasure | None = None
    height: StoredMeasure | None = None
    weight: StoredMeasure | None = None
    unit: StoredWord | None = None
    categories: Annotated[list[StoredText], AfterValidator(once_each), Field(default_factory=list)]
    exported: ExportedState


EitherLine = Annotated[Annotated[ExportedProduct, Tag(KEPT)] | Annotated[ProductLine, Tag(NEW)], BY_EXPORTED]
"""A line is a new product, unless it has `exported`."""
