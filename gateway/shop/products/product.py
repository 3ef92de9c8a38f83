"""Products, and pages of products with what a search adds: facets, a correction, highlights."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from decimal import Decimal

import msgspec
import strawberry
from strawberry import Info

from contracts import products
from gateway.fields.connections import Count, PageInfo
from gateway.fields.fields import COLUMN, Column, Money, column, from_row, price, resolved
from gateway.fields.nodes import Node, product_id
from gateway.shop.context import Context
from gateway.shop.products.categories import Category, of_copy
from gateway.shop.products.category_lists import COPIED, OF_PRODUCT
from gateway.shop.selection import selected_below
from gateway.shop.stock import availability, lists
from gateway.shop.stock.availability import Availability
from gateway.shop.stock.levels import Stock
from gateway.shop.stock.stores import Store, StoreIds, store_keys
from search.facets import Facets
from search.response import Hit

_stored = msgspec.json.Decoder(list[products.Category]).decode


@strawberry.type(description="A product as it is now.")
class Product(Node):
    """A product as it is now."""

    id: strawberry.ID = column(
        "Identifies the product among all nodes.", "sku", read=product_id, sql="'product:' || {}"
    )
    sku: str = column("Identifies the product.")
    name: str = column("The name.")
    description: str | None = column("The description.")
    price: Money = price("The current price of one unit.")
    type: str | None = column("The type of product.")
    length: Decimal | None = column("The length in centimetres.")
    width: Decimal | None = column("The width in centimetres.")
    height: Decimal | None = column("The height in centimetres.")
    weight: Decimal | None = column("The weight in kilograms.")
    unit: str | None = column("The unit of sale or measure, such as `10 boxes x 20 bags`; not of the dimensions.")
    active: bool = column("Whether it is on sale: others cannot be ordered. Says nothing about stock.")
    created_at: datetime = column("When the product was created.")
    updated_at: datetime = column("When the product last changed.")
    version: int = column("Incremented by each change of the product, from 1.")
    stored_categories: strawberry.Private[list[products.Category]] = dataclasses.field(
        metadata={COLUMN: Column("categories", read=_stored)}
    )

    @resolved("The categories that contain the product, not those above them.", OF_PRODUCT)
    async def categories(self, info: Info[Context, None]) -> list[Category]:
        """The categories: copies if these have all that is selected, so that lists of products need no Postgres."""
        if selected_below(info) <= COPIED:
            return [of_copy(each) for each in self.stored_categories]
        rows = await info.context.loaders.categories.load_many([each.slug for each in self.stored_categories])
        return [from_row(Category, row) for row in rows if row is not None]

    @resolved("The product's stock in each store, by the store's own id.", lists.OF_PRODUCT)
    async def stock(self, info: Info[Context, None], stores: StoreIds = None) -> list[Stock]:
        """The stock, in one statement for all products of the answer."""
        keys = None if stores is None else set(store_keys(stores))
        rows = await info.context.loaders.stock_of_product.load(self.sku)
        return [from_row(Stock, row) for row in rows if keys is None or row["store_id"] in keys]

    @resolved("Whether the product can be ordered, from its stock in all stores.", availability.OF_PRODUCT)
    async def availability(self, info: Info[Context, None]) -> Availability:
        """The availability, in one statement for all products of the answer."""
        return from_row(Availability, await info.context.loaders.availability.load(self.sku))


@strawberry.type(description="A part of a product that matches the text.")
class ProductHighlight:
    """A part of a product that matches the text."""

    field: str = strawberry.field(description="The part: `name`, `description` or `categories`.")
    fragments: list[str] = strawberry.field(
        description="HTML: the whole part or pieces of it, with `<em>` around each match and everything else escaped."
    )


@strawberry.type(description="A product in a list.")
class ProductEdge:
    """A product in a list."""

    cursor: str = strawberry.field(description="The position of the product in the list; opaque.")
    node: Product = strawberry.field(description="The product.")
    score: float | None = strawberry.field(description="How well it matches the text; null unless sorted by relevance.")
    highlights: list[ProductHighlight] = strawberry.field(description="The parts that match the text.")


@strawberry.type(description="A value, and how many of the matching products have it.")
class FacetValue:
    """A value, and how many of the matching products have it."""

    value: str = strawberry.field(description="The value, as filters accept it.")
    count: int = strawberry.field(description="The number of products with this value.")


@strawberry.type(description="A category, and how many of the matching products are in it or below it.")
class CategoryFacet:
    """A category, and how many of the matching products are in it or below it."""

    slug: str = strawberry.field(description="The slug of the category, as filters accept it.")
    count: int = strawberry.field(description="The number of products in it or below it.")

    @resolved("The category; null when it was deleted, or is not in the read model yet.")
    async def category(self, info: Info[Context, None]) -> Category | None:
        """The category."""
        return info.context.object(Category, await info.context.loaders.categories.load(self.slug))


@strawberry.type(description="A price range, and how many of the matching products are in it.")
class PriceRange:
    """A price range, and how many of the matching products are in it."""

    currency: str = strawberry.field(description="ISO 4217, such as USD.")
    low: int = strawberry.field(name="from", description="The lowest price in the range.")
    below: int | None = strawberry.field(
        description="All prices in the range are below this one; null in the highest range."
    )
    count: int = strawberry.field(description="The number of products in the range.")


@strawberry.type(description="A store, and how many of the matching products it has units of to order online.")
class StoreFacet:
    """A store, and how many of the matching products it has units of to order online."""

    store_id: strawberry.ID = strawberry.field(description="The store's own id, as filters accept it.")
    count: int = strawberry.field(description="The number of products that it has.")

    @resolved("The store; null when it is not in the read model yet.")
    async def store(self, info: Info[Context, None]) -> Store | None:
        """The store."""
        return info.context.object(Store, await info.context.loaders.stores.load(str(self.store_id)))


@strawberry.type(description="Whether products are in stock, and how many of the matching ones are.")
class StockFacet:
    """Whether products are in stock, and how many of the matching ones are."""

    value: bool = strawberry.field(
        description="Whether any store has counted units to order online, as the filter `inStock`."
    )
    count: int = strawberry.field(description="The number of these products.")


@strawberry.type(
    description="Counts of the matching products by their values. A facet ignores the filter on its own values, so it "
    "shows what other choices would return."
)
class ProductFacets:
    """Counts of the matching products by their values."""

    categories: list[CategoryFacet] = strawberry.field(description="The categories, most products first.")
    types: list[FacetValue] = strawberry.field(description="The types, most products first.")
    prices: list[PriceRange] = strawberry.field(description="Price ranges by currency, lowest first.")
    stores: list[StoreFacet] = strawberry.field(description="The stores that have units, most products first.")
    in_stock: list[StockFacet] = strawberry.field(description="Those in stock, and those that are not.")

    @classmethod
    def of(cls, facets: Facets) -> ProductFacets:
        """The counts of a search."""
        return cls(
            categories=[CategoryFacet(slug=each.value, count=each.count) for each in facets.categories],
            types=[FacetValue(**vars(each)) for each in facets.types],
            prices=[PriceRange(**vars(each)) for each in facets.prices],
            stores=[StoreFacet(store_id=strawberry.ID(each.value), count=each.count) for each in facets.stores],
            in_stock=[StockFacet(**vars(each)) for each in facets.in_stock],
        )


@strawberry.type(description="A page of products.")
class ProductConnection:
    """A page of products. `count` counts the products of the whole list."""

    edges: list[ProductEdge] = strawberry.field(
        description="The products with their cursors, in the order of the list."
    )
    page_info: PageInfo = strawberry.field(description="The ends of the page.")
    facets: ProductFacets = strawberry.field(description="Counts by value; computed only when requested.")
    did_you_mean: str | None = strawberry.field(
        description="The text that the products match when none matches `text` as written; otherwise null."
    )
    count: strawberry.Private[Count]

    @resolved("The products without their cursors, in the order of the list.")
    def nodes(self) -> list[Product]:
        """The products."""
        return [edge.node for edge in self.edges]

    @resolved("The number of products in the whole list; counted only when requested.")
    async def total_count(self) -> int:
        """Count them."""
        return await self.count()


_PARTS = {"name": "name", "description": "description", "categories.name": "categories"}


def highlights_of(hit: Hit) -> list[ProductHighlight]:
    """The parts of a product that match the text."""
    found = hit.highlight
    return [ProductHighlight(field=part, fragments=found[field]) for field, part in _PARTS.items() if field in found]
