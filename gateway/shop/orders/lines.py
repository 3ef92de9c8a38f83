"""Lines of orders, and the addresses they are delivered to, as they were when the order was placed."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
import strawberry
from strawberry import Info

from contracts.money import plain
from contracts.orders import read_addresses
from contracts.read_model import read_lines
from gateway.fields.fields import Money, amount, column, from_row, identifier, price, resolved
from gateway.fields.relations import One
from gateway.shop.context import Context
from gateway.shop.products.product import Product
from gateway.shop.selection import selected_below


@strawberry.type(
    description="The delivery address of a line, as it was when the order was placed. After the customer was erased, "
    "only city, region and country remain."
)
class DeliveryAddress:
    """The delivery address of a line, as it was when the order was placed."""

    recipient: str | None = column("The name of the person who receives the delivery.")
    company: str | None = column("The company at the address.")
    phone: str | None = column("The phone number for the delivery.")
    street_type: str | None = column("The type of street, such as avenue or square.")
    street: str | None = column("The street, or the first line of the address.")
    number: str | None = column("The house number.")
    building: str | None = column("The building.")
    department: str | None = column("The flat or office.")
    reference: str | None = column("Delivery directions.")
    city: str = column("The city.")
    region: str | None = column("The state, province or department of the country.")
    postal_code: str | None = column("The postal code.")
    country: str = column("ISO 3166-1 alpha-2, such as PE.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")


def addresses_as_placed(delivery_addresses: str) -> dict[UUID, DeliveryAddress]:
    """The delivery addresses in the JSON of an order's row, by address id."""
    return {
        address.address_id: from_row(DeliveryAddress, msgspec.structs.asdict(address))
        for address in read_addresses(delivery_addresses)
    }


@strawberry.type(description="A line of an order, as it was placed.")
class OrderLine:
    """A line of an order, as it was placed."""

    id: strawberry.ID = identifier("Identifies the line.", "order_line_id")
    line_number: int = column("The number of the line in its order, from 1.")
    sku: str = column("The product's SKU.")
    product_name: str = column("The product's name when the order was placed.")
    quantity: int = column("The number of units.")
    unit_price: Money = price("The price of one unit when the order was placed.")
    discount: Decimal = column('Discount as a fraction of the price: "0.15" is 15 %.', read=plain, sql="trim_scale({})")
    amount: Money = amount("Quantity times unit price, minus the discount.")
    delivery_address_id: strawberry.ID = identifier("The id of the customer's address that the line is delivered to.")
    delivery_address: DeliveryAddress | None = column(
        "The delivery address as it was when the order was placed; null in orders placed before it was stored.",
        relation=One(
            "jsonb_array_elements({grandparent}.delivery_addresses) AS {it} (value)",
            "({it}.value->>'address_id')::uuid = {parent}.delivery_address_id",
            is_json=True,
        ),
    )

    @resolved(
        "The product as it is now; null when it was deleted.",
        One("product AS {it}", "{it}.sku = {parent}.sku AND NOT {it}.deleted"),
    )
    async def product(self, info: Info[Context, None]) -> Product | None:
        """The product."""
        return info.context.object(Product, await info.context.loaders.products.load(self.sku))


def selects_lines(info: Info[Context, None]) -> bool:
    """Whether the query selects the lines of the orders below this field."""
    return any(path == "lines" or path.endswith(".lines") for path in selected_below(info))


def lines_of(stored: str, currency: str, delivery_addresses: str) -> list[OrderLine]:
    """The lines in the JSON of an order's row, by number; the deleted ones are excluded."""
    addresses = addresses_as_placed(delivery_addresses)
    return [
        from_row(
            OrderLine,
            {
                **msgspec.structs.asdict(line),
                "currency": currency,
                "delivery_address": addresses.get(line.delivery_address_id),
            },
        )
        for line in read_lines(stored)
        if not line.deleted
    ]
