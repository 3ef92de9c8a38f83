"""Products, as they are now."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import strawberry

from contracts.products import Hierarchy
from gateway.fields.fields import column, price
from gateway.fields.money import Money
from gateway.fields.nodes import Node, product_id


@strawberry.type(name="Hierarchy", description="A place in the shop's tree, such as a category.")
class Place:
    """A place in the shop's tree, such as a category."""

    name: str = column("The name.")
    description: str | None = column("What is found there.")


def _places(stored: str) -> list[Place]:
    read = msgspec.json.decode(stored, type=list[Hierarchy])
    return [Place(name=each.name, description=each.description) for each in read]


@strawberry.type(description="A product as it is now.")
class Product(Node):
    """A product as it is now."""

    id: strawberry.ID = column("Identifies it among all nodes.", "sku", read=product_id, sql="'product:' || {}")
    sku: str = column("Identifies the product.")
    name: str = column("The name.")
    description: str | None = column("What it is.")
    price: Money = price("What one unit costs today.")
    type: str | None = column("What sort of product it is.")
    length: Decimal | None = column("The length.")
    width: Decimal | None = column("The width.")
    height: Decimal | None = column("The height.")
    weight: Decimal | None = column("The weight.")
    unit: str | None = column("The unit it is sold or measured in.")
    hierarchies: list[Place] = column("Where in the shop's tree it stands.", read=_places, is_list=True)
    active: bool = column("Whether it can be ordered.")
