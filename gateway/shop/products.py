"""Products, and pages of products with what a search adds: facets, a correction, highlights."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import strawberry

from contracts.products import Hierarchy
from gateway.fields.connections import Count, PageInfo
from gateway.fields.fields import Money, column, price, resolved
from gateway.fields.nodes import Node, product_id
from search.facets import Facets
from search.response import Hit


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


@strawberry.type(description="A part of a product that matches the text.")
class ProductHighlight:
    """A part of a product that matches the text."""

    field: str = strawberry.field(description="Which part: `name`, `description` or `hierarchies`.")
    fragments: list[str] = strawberry.field(
        description="HTML: the whole part or pieces of it, `<em>` around each match and all else escaped."
    )


@strawberry.type(description="One product of a list.")
class ProductEdge:
    """One product of a list."""

    cursor: str = strawberry.field(description="The product's place in the list; opaque.")
    node: Product = strawberry.field(description="The product itself.")
    score: float | None = strawberry.field(description="How well it fits the text; null when sorted by something else.")
    highlights: list[ProductHighlight] = strawberry.field(description="Where it matches the text.")


@strawberry.type(description="So many of the products that are found have this value.")
class FacetValue:
    """So many of the products that are found have this value."""

    value: str = strawberry.field(description="The value, as the filter takes it.")
    count: int = strawberry.field(description="How many products have it.")


@strawberry.type(description="So many of the products that are found cost this much.")
class PriceRange:
    """So many of the products that are found cost this much."""

    currency: str = strawberry.field(description="ISO 4217, such as USD.")
    low: int = strawberry.field(name="from", description="They cost this or more.")
    high: int | None = strawberry.field(name="to", description="They cost less than this; null is without end.")
    count: int = strawberry.field(description="How many products cost that.")


@strawberry.type(
    description="What there is among the products that are found. A facet does not heed what is chosen in itself, so "
    "that a customer sees what another choice would give."
)
class ProductFacets:
    """What there is among the products that are found."""

    hierarchies: list[FacetValue] = strawberry.field(description="Places of the shop's tree, most products first.")
    types: list[FacetValue] = strawberry.field(description="Types, most products first.")
    prices: list[PriceRange] = strawberry.field(description="Ranges of prices by currency, the lowest first.")

    @classmethod
    def of(cls, facets: Facets) -> ProductFacets:
        """The counts as a client sees them."""
        return cls(
            hierarchies=[FacetValue(**vars(each)) for each in facets.hierarchies],
            types=[FacetValue(**vars(each)) for each in facets.types],
            prices=[PriceRange(**vars(each)) for each in facets.prices],
        )


@strawberry.type(description="A page of products.")
class ProductConnection:
    """A page of products. `count` finds how many there are in all."""

    edges: list[ProductEdge] = strawberry.field(description="The products with their cursors, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    facets: ProductFacets = strawberry.field(description="Counts of what is found; counted only when this is asked.")
    did_you_mean: str | None = strawberry.field(
        description="The text with other words for those that no product has; null when there is nothing to say."
    )
    count: strawberry.Private[Count]

    @resolved("The products without their cursors, in the list's order.")
    def nodes(self) -> list[Product]:
        """The products."""
        return [edge.node for edge in self.edges]

    @resolved("How many products the list has on all its pages; counted only when this is asked.")
    async def total_count(self) -> int:
        """Count them."""
        return await self.count()


_PARTS = {"name": "name", "description": "description", "hierarchies.name": "hierarchies"}


def highlights_of(hit: Hit) -> list[ProductHighlight]:
    """Where the text was found in a product."""
    found = hit.highlight
    return [ProductHighlight(field=part, fragments=found[field]) for field, part in _PARTS.items() if field in found]
