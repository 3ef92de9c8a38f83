"""What a shipment is made of: the units of order lines, its parcels, and what carriers reported of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
import strawberry
from strawberry import Info

from contracts.shipping import MOST_TRACKING, read_parcels, read_shipped_lines, read_tracking
from gateway.errors import BadInput
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.fields import column, from_row, resolved
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Many, One
from gateway.shop.context import Context
from gateway.shop.products.product import Product
from gateway.shop.shipments.carriers import tracking_url, tracking_url_sql

DEFAULT_TRACKING = 20


@strawberry.enum(description="What a carrier reported. UNKNOWN stands for a code that this schema has no name for.")
class TrackingCode(OpenEnum):
    """What a carrier reported. Unknown values are read as UNKNOWN, never refused."""

    ANNOUNCED = stored_value("announced", "The carrier knows of the parcel.")
    PICKED_UP = stored_value("picked_up", "The carrier has the parcel.")
    IN_TRANSIT = stored_value("in_transit", "The parcel is between two places.")
    OUT_FOR_DELIVERY = stored_value("out_for_delivery", "The parcel is on its way to the address.")
    ATTEMPT_FAILED = stored_value("attempt_failed", "The parcel could not be handed over.")
    DELIVERED = stored_value("delivered", "The parcel was handed over.")
    RETURNED = stored_value("returned", "The parcel came back.")
    OTHER = stored_value("other", "Anything else.")
    UNKNOWN = stored_value("unknown", "A code that this schema has no name for.")


@strawberry.type(description="Units of an order line in a shipment.")
class ShippedLine:
    """Units of an order line in a shipment."""

    order_line_id: strawberry.ID = column("The id of the order line.", read=str, sql="{}")
    line_number: int = column("The number of the line in its order, from 1.")
    sku: str = column("The product's SKU.")
    quantity: int = column("The units in this shipment.")

    @resolved(
        "The product as it is now; null when it was deleted.",
        One("product AS {it}", "{it}.sku = ({parent}.value->>'sku') AND NOT {it}.deleted"),
    )
    async def product(self, info: Info[Context, None]) -> Product | None:
        """The product."""
        return info.context.object(Product, await info.context.loaders.products.load(self.sku))


@strawberry.type(description="A parcel of a shipment. After the customer was erased, its tracking number is null.")
class Parcel:
    """A parcel of a shipment."""

    parcel_id: strawberry.ID = column("Identifies the parcel in its shipment: `1`, `2` and so on.")
    weight: Decimal | None = column("The weight in kg.")
    carrier: str | None = column("The code of the carrier, such as `dhl`.")
    tracking_number: str | None = column("The carrier's number of the parcel.")
    tracking_url: str | None = column(
        "The carrier's page about the parcel; null for a carrier whose page is not known, or without a number."
    )


@strawberry.type(description="What a carrier reported of a parcel, or of all parcels of a shipment.")
class TrackingEvent:
    """What a carrier reported."""

    event_id: strawberry.ID = column("The carrier's own id of the report.")
    code: TrackingCode = column("What was reported.", read=TrackingCode)
    at: datetime = column("When it was so.", sql="({})::timestamptz")
    parcel_id: strawberry.ID | None = column("The parcel; null if the report is of all parcels.")
    city: str | None = column("The city in which it was so.")
    country: str | None = column("The country: ISO 3166-1 alpha-2, such as DE.")


def lines_of(stored: str) -> list[ShippedLine]:
    """The lines in the JSON of a shipment's row."""
    return [from_row(ShippedLine, msgspec.structs.asdict(each)) for each in read_shipped_lines(stored)]


def parcels_of(stored: str) -> list[Parcel]:
    """The parcels in the JSON of a shipment's row."""
    return [
        from_row(
            Parcel, msgspec.structs.asdict(each) | {"tracking_url": tracking_url(each.carrier, each.tracking_number)}
        )
        for each in read_parcels(stored)
    ]


def tracking_of(stored: str, last: int) -> list[TrackingEvent]:
    """The newest reports in the JSON of a shipment's row, the oldest of them first. Raises BadInput."""
    return [from_row(TrackingEvent, msgspec.structs.asdict(each)) for each in read_tracking(stored)[-read_last(last) :]]


def read_last(last: int) -> int:
    """The number of reports that a client requests. Raises BadInput."""
    if not 1 <= last <= MOST_TRACKING:
        raise BadInput(f"`last` must be from 1 to {MOST_TRACKING}, not {last}")
    return last


def _newest(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    last = DEFAULT_TRACKING if given["last"] is None else given["last"]
    return [f"{alias}.number > {alias}.reports - {parameters.bind(last, read_last)}::integer"]


LINES = Many(
    "jsonb_array_elements({parent}.lines) WITH ORDINALITY AS {it} (value, number)",
    "true",
    order_by="{it}.number",
    is_json=True,
)

_URL = tracking_url_sql("(value->>'carrier')", "(value->>'tracking_number')")
PARCELS = Many(
    f"(SELECT value || jsonb_build_object('tracking_url', {_URL}) AS value, number "
    "FROM jsonb_array_elements({parent}.parcels) WITH ORDINALITY AS parcel (value, number)) AS {it}",
    "true",
    order_by="{it}.number",
    is_json=True,
)

TRACKING = Many(
    "(SELECT value, number, jsonb_array_length({parent}.tracking) AS reports "
    "FROM jsonb_array_elements({parent}.tracking) WITH ORDINALITY AS report (value, number)) AS {it}",
    "true",
    order_by="{it}.number",
    is_json=True,
    conditions=_newest,
)
