"""The status of an order, and the filters and sort orders that lists of orders and customers take."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from contracts import orders
from gateway.fields.enums import OpenEnum, stored_value
from gateway.fields.keysets import Keyset

MAX_IDS = 100


@strawberry.enum(
    description="The status of an order. UNKNOWN stands for a status that this schema has no name for: it can be read, "
    "but not used in filters."
)
class OrderStatus(OpenEnum):
    """The status of an order. Unknown values are read as UNKNOWN, never refused."""

    PLACED = stored_value(orders.OrderStatus.PLACED, "Placed by the customer, and not confirmed yet.")
    BACKORDERED = stored_value(orders.OrderStatus.BACKORDERED, "Waits for units that no store has yet.")
    CONFIRMED = stored_value(orders.OrderStatus.CONFIRMED, "Confirmed by the shop; to be shipped.")
    PARTIALLY_SHIPPED = stored_value(
        orders.OrderStatus.PARTIALLY_SHIPPED, "Some units are on their way to the customer, others are not sent yet."
    )
    SHIPPED = stored_value(orders.OrderStatus.SHIPPED, "On its way to the customer.")
    DELIVERED = stored_value(orders.OrderStatus.DELIVERED, "Delivered; final.")
    CANCELLED = stored_value(orders.OrderStatus.CANCELLED, "Cancelled before it was shipped; final.")
    REJECTED = stored_value(orders.OrderStatus.REJECTED, "Not accepted by the shop; final.")
    UNKNOWN = stored_value("unknown", "A status that this schema has no name for.")


class _Filter:
    """Hashed by value, so that equal filters are loaded once."""

    def __hash__(self) -> int:
        return hash(tuple(tuple(each) if isinstance(each, list) else each for each in vars(self).values()))


def condition(description: str) -> Any:
    """A condition of a filter, which is ignored unless it is given."""
    return strawberry.field(default=None, description=description)


@strawberry.input(description="Customers of orders that match all given conditions; null conditions are ignored.")
class OrderCustomerFilter(_Filter):
    """Customers of orders that match all given conditions."""

    name: str | None = condition(
        "Each word must begin a word of the name, last name or company, ignoring case and accents: `ana tru` finds "
        "Ana Trujillo."
    )
    email: str | None = condition("The whole email address, ignoring case.")
    __hash__ = _Filter.__hash__


@strawberry.input(description="Customers that match all given conditions; null conditions are ignored.")
class CustomerFilter(OrderCustomerFilter):
    """Customers that match all given conditions."""

    ids: list[strawberry.ID] | None = condition(f"With one of these ids. 1 to {MAX_IDS}.")
    updated_from: datetime | None = condition("Last changed at this time or later.")
    updated_before: datetime | None = condition("Last changed before this time.")
    __hash__ = _Filter.__hash__


@strawberry.input(description="Orders that match all given conditions; null conditions are ignored.")
class OrderFilter(_Filter):
    """Orders that match all given conditions."""

    ids: list[strawberry.ID] | None = condition(f"With one of these ids. 1 to {MAX_IDS}.")
    number: str | None = condition("With this number, such as 1042.")
    external_id: str | None = condition("With this number in the system that the order was imported from.")
    source: str | None = condition("Imported from the system of this name; requires `externalId`.")
    customer_id: strawberry.ID | None = condition("Of this customer.")
    customer: OrderCustomerFilter | None = condition("Of customers that match it.")
    status: list[OrderStatus] | None = condition("In one of these statuses. At least one.")
    placed_from: datetime | None = condition("Placed at this time or later.")
    placed_before: datetime | None = condition("Placed before this time.")
    updated_from: datetime | None = condition("Last changed at this time or later.")
    updated_before: datetime | None = condition("Last changed before this time.")
    total_from: Decimal | None = condition("With this total or a higher one.")
    total_below: Decimal | None = condition("With a total below this one.")
    currency: str | None = condition("In this currency: ISO 4217, such as USD.")
    sku: str | None = condition("With a line of exactly this SKU.")
    country: str | None = condition(
        "With a line delivered to this country: ISO 3166-1 alpha-2, such as PE. "
        "Not known for orders placed before delivery addresses were stored."
    )
    __hash__ = _Filter.__hash__


@strawberry.enum(description="The order of a list of orders; ties are sorted by id.")
class OrderSort(Enum):
    """The order of a list of orders."""

    PLACED_AT_DESC = strawberry.enum_value("PLACED_AT_DESC", description="Newest first.")
    PLACED_AT_ASC = strawberry.enum_value("PLACED_AT_ASC", description="Oldest first.")
    UPDATED_AT_DESC = strawberry.enum_value("UPDATED_AT_DESC", description="Last changed first.")
    UPDATED_AT_ASC = strawberry.enum_value(
        "UPDATED_AT_ASC", description="Longest unchanged first: with `updatedFrom`, what changed since, in that order."
    )
    TOTAL_DESC = strawberry.enum_value(
        "TOTAL_DESC", description="Highest total first, as a number: filter by `currency` if there are several."
    )
    TOTAL_ASC = strawberry.enum_value("TOTAL_ASC", description="Lowest total first.")


def sort_of(given: OrderSort | None, filter: OrderFilter | None) -> OrderSort:
    """The order of a list of orders, by default that of the index which serves its period."""
    return given or (OrderSort.UPDATED_AT_ASC if _is_of_changes(filter) else OrderSort.PLACED_AT_DESC)


def _is_of_changes(filter: OrderFilter | CustomerFilter | None) -> bool:
    return filter is not None and (filter.updated_from is not None or filter.updated_before is not None)


FILTER = strawberry.argument(description="Only orders that match it.")

SORT = strawberry.argument(
    description="The order of the list; by default UPDATED_AT_ASC with `updatedFrom` or `updatedBefore`, otherwise "
    "newest first."
)

KEYSETS = {
    OrderSort.PLACED_AT_DESC: Keyset("placed", "placed_at", "order_id"),
    OrderSort.PLACED_AT_ASC: Keyset("placed", "placed_at", "order_id", is_descending=False),
    OrderSort.UPDATED_AT_DESC: Keyset("updated", "updated_at", "order_id"),
    OrderSort.UPDATED_AT_ASC: Keyset("updated", "updated_at", "order_id", is_descending=False),
    OrderSort.TOTAL_DESC: Keyset("total", "total", "order_id", kind="decimal"),
    OrderSort.TOTAL_ASC: Keyset("total", "total", "order_id", kind="decimal", is_descending=False),
}


@strawberry.enum(description="The order of a list of customers; ties are sorted by id.")
class CustomerSort(Enum):
    """The order of a list of customers."""

    CREATED_AT_DESC = strawberry.enum_value("CREATED_AT_DESC", description="Newest first.")
    CREATED_AT_ASC = strawberry.enum_value("CREATED_AT_ASC", description="Oldest first.")
    UPDATED_AT_DESC = strawberry.enum_value("UPDATED_AT_DESC", description="Last changed first.")
    UPDATED_AT_ASC = strawberry.enum_value(
        "UPDATED_AT_ASC", description="Longest unchanged first: with `updatedFrom`, what changed since, in that order."
    )


def customer_sort_of(given: CustomerSort | None, filter: CustomerFilter | None) -> CustomerSort:
    """The order of a list of customers, likewise."""
    return given or (CustomerSort.UPDATED_AT_ASC if _is_of_changes(filter) else CustomerSort.CREATED_AT_DESC)


CUSTOMER_KEYSETS = {
    CustomerSort.CREATED_AT_DESC: Keyset("created", "created_at", "customer_id"),
    CustomerSort.CREATED_AT_ASC: Keyset("created", "created_at", "customer_id", is_descending=False),
    CustomerSort.UPDATED_AT_DESC: Keyset("updated", "updated_at", "customer_id"),
    CustomerSort.UPDATED_AT_ASC: Keyset("updated", "updated_at", "customer_id", is_descending=False),
}
