"""A product in one line: as it is sent, and as it is shown."""

from __future__ import annotations

from chassis.exported import Exported
from chassis.schemas import example
from products.examples import EXPORTED_PRODUCT
from products.models import NewProduct


class ProductLine(NewProduct):
    """A product. With `exported` it is made anew as it was when it was exported."""

    model_config = example(EXPORTED_PRODUCT)

    exported: Exported | None = None
