"""Products, by SKU and by search."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
import strawberry
from strawberry import Info

from chassis.elasticsearch import away_as_unavailable
from contracts import product_search
from contracts.products import SEARCH_INDEX, Hierarchy
from gateway import repository
from gateway.connections import After, Connection, First, connection
from gateway.context import Context
from gateway.errors import BadInput
from gateway.fields import amount, column, from_row, resolved
from gateway.money import Money
from gateway.nodes import Node, product_id
from gateway.paging import Page
from gateway.places import HitPlace, ProductPlace
from gateway.relations import One
from gateway.texts import cleaned

Text = Annotated[str | None, strawberry.argument(description="Words of the name, the description or the SKU.")]


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
    price: Money = amount("What one unit costs today.")
    type: str | None = column("What sort of product it is.")
    length: Decimal | None = column("The length.")
    width: Decimal | None = column("The width.")
    height: Decimal | None = column("The height.")
    weight: Decimal | None = column("The weight.")
    unit: str | None = column("The unit it is sold or measured in.")
    hierarchies: list[Place] = column("Where in the shop's tree it stands.", read=_places, is_list=True)
    active: bool = column("Whether it can be ordered.")


@strawberry.type
class ProductQueries:
    """What a client can ask about products."""

    @resolved(
        "One product; null when there is none with this SKU.",
        One("product AS {it}", "{it}.sku = {sku} AND NOT {it}.deleted", {"sku": lambda sku: cleaned(sku, "sku")}),
    )
    async def product(self, info: Info[Context, None], sku: str) -> Product | None:
        """One product."""
        return await info.context.loaders.products.load(cleaned(sku, "sku"))

    @resolved("Products by SKU, or, with `text`, those that a search finds, the best first.")
    async def products(
        self, info: Info[Context, None], text: Text = None, first: First = None, after: After = None
    ) -> Connection[Product] | None:
        """A page of products."""
        page = Page.asked(first, after, None, None)
        if text is None:
            return await _by_sku(info.context, page)
        return await _by_search(info.context, cleaned(text, "text"), page)


async def _by_sku(context: Context, page: Page) -> Connection[Product]:
    behind = None if page.after is None else ProductPlace.read(page.after)
    async with context.read_model.connection() as read_model:
        rows = await repository.products_page(read_model, behind, page.size + 1)
    found = [from_row(Product, row) for row in rows]
    places = [(ProductPlace(product.sku).cursor(), product) for product in found]
    return connection(places, page, _uncounted)


async def _by_search(context: Context, text: str, page: Page) -> Connection[Product]:
    """The index finds and ranks; what is shown comes from the read model, like everything else."""
    behind = None if page.after is None else HitPlace.read(page.after)
    with away_as_unavailable("the product search"):
        answer = await context.search.search(
            index=SEARCH_INDEX,
            query=product_search.search_query(text),
            sort=product_search.SORT,
            size=page.size + 1,
            search_after=[behind.score, behind.sku] if behind else None,
            source=False,
            track_total_hits=False,
        )
    hits = [HitPlace(*hit["sort"]) for hit in answer["hits"]["hits"]]
    products = await context.loaders.products.load_many([hit.sku for hit in hits])
    places = [(hit.cursor(), product) for hit, product in zip(hits, products, strict=True)]
    return connection(places, page, _uncounted)


async def _uncounted() -> int:
    raise BadInput("products are not counted yet")
