"""Whether a product can be ordered: its stock in all stores that sell online, in one object."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from gateway.fields.fields import column
from gateway.fields.relations import One
from gateway.shop.stock.statements import AGGREGATE

OF_PRODUCT = One(f"LATERAL ({AGGREGATE.format(sku='{parent}.sku')}) AS {{it}}", "true")


@strawberry.enum(description="Whether a product can be ordered.")
class AvailabilityStatus(Enum):
    """Whether a product can be ordered."""

    IN_STOCK = strawberry.enum_value("IN_STOCK", description="It can be ordered; always, if its units are not tracked.")
    LOW = strawberry.enum_value(
        "LOW", description="It can be ordered; each store that has it is at or below the level at which it orders more."
    )
    BACKORDER = strawberry.enum_value(
        "BACKORDER", description="No unit can be promised now; orders may wait for new ones."
    )
    OUT_OF_STOCK = strawberry.enum_value(
        "OUT_OF_STOCK", description="No unit can be promised now, and orders are rejected."
    )


@strawberry.type(description="Whether a product can be ordered, from its stock in all stores that sell online.")
class Availability:
    """Whether a product can be ordered."""

    status: AvailabilityStatus = column(
        "Whether it can be ordered.", read=AvailabilityStatus, sql="('\"' || {} || '\"')", is_json=True
    )
    available: int = column(
        "The units that can be ordered: those of all stores less their safety margins. Of a product whose units are "
        "not tracked, any number can be."
    )
    stores: int = column("The number of stores that have such units.")
    expected_at: datetime | None = column(
        "With BACKORDER, when new units are expected: the product's lead time after the newest open restock request; "
        "null if there is none, or no lead time."
    )
    fresh_until: datetime | None = column(
        "Everything that these stores committed before this time is counted; null if no store that sells online has "
        "the product, or one never reported."
    )
    stale: bool = column("Whether one of these stores is stale: its units may have changed since.")
