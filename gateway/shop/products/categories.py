"""The tree of categories."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import Info

from contracts import products
from gateway.fields.connections import After, Before, Connection, First, Last, connection
from gateway.fields.fields import column, from_row, resolved
from gateway.fields.nodes import Node, category_id, key_of
from gateway.fields.paging import Page
from gateway.fields.relations import One
from gateway.shop.context import Context
from gateway.shop.products import category_lists
from gateway.shop.products.category_lists import ANCESTORS, CATEGORIES, CHILDREN, KEYSET, MOST_ANCESTORS, CategoryFilter
from gateway.shop.products.inputs import ProductFilter, ProductSort

if TYPE_CHECKING:
    from gateway.shop.products.product import ProductConnection

Slug = Annotated[str, strawberry.argument(description="The category's slug.")]
Sort = Annotated[ProductSort | None, strawberry.argument(description="The order of the list; by default, by SKU.")]
Filter = Annotated[CategoryFilter | None, strawberry.argument(description="Only categories that match it.")]
OfCategory = Annotated[
    ProductFilter | None, strawberry.argument(description="Only products that match it; without `category`.")
]


@strawberry.type(description="A category of products, in a tree.")
class Category(Node):
    """A category of products, in a tree."""

    id: strawberry.ID = column(
        "Identifies the category among all nodes.", "slug", read=category_id, sql="'category:' || {}"
    )
    slug: str = column("Identifies the category; never changes.")
    name: str = column("The name.")
    description: str | None = column("The description.")
    created_at: datetime = column("When the category was created.")
    updated_at: datetime = column("When the category last changed.")
    version: int = column("Incremented by each change of the category, from 1.")
    parent_slug: strawberry.Private[str | None]

    @resolved(
        "The category above; null for a root.",
        One("category AS {it}", "{it}.slug = {parent}.parent_slug AND NOT {it}.deleted"),
    )
    async def parent(self, info: Info[Context, None]) -> Category | None:
        """The category above."""
        return await _category(info.context, self.parent_slug)

    @resolved("The categories above, from the root to the parent.", ANCESTORS)
    async def ancestors(self, info: Info[Context, None]) -> list[Category]:
        """The categories above."""
        found: list[Category] = []
        above = await _category(info.context, self.parent_slug)
        while above is not None and len(found) < MOST_ANCESTORS:
            found.append(above)
            above = await _category(info.context, above.parent_slug)
        return found[::-1]

    @resolved("The categories directly below, in their order.", CHILDREN)
    async def children(self, info: Info[Context, None]) -> list[Category]:
        """The categories below."""
        rows = await info.context.loaders.children_of_category.load(self.slug)
        return [from_row(Category, row) for row in rows]

    @resolved("The products of the category and of those below it.")
    async def products(
        self,
        info: Info[Context, None],
        filter: OfCategory = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated[ProductConnection, strawberry.lazy("gateway.shop.products.product")] | None:
        """A page of the products."""
        from gateway.shop.products.queries import products_page  # the two types name each other

        page = Page.of_arguments(first, after, last, before)
        return await products_page(info, None, filter, sort, page, of_category=self.slug)


async def _category(context: Context, slug: str | None) -> Category | None:
    key = None if slug is None else key_of(slug)
    return None if key is None else context.object(Category, await context.loaders.categories.load(key))


def of_copy(copy: products.Category) -> Category:
    """A category of which only the fields in COPIED are selected."""
    unknown = cast(Any, None)
    return Category(
        id=strawberry.ID(category_id(copy.slug)),
        slug=copy.slug,
        name=copy.name,
        description=None,
        created_at=unknown,
        updated_at=unknown,
        version=unknown,
        parent_slug=None,
    )


@strawberry.type
class CategoryQueries:
    """Queries about categories."""

    @resolved(
        "The category with this slug; null when there is none.",
        One("category AS {it}", "{it}.slug = {slug} AND NOT {it}.deleted", {"slug": key_of}),
    )
    async def category(self, info: Info[Context, None], slug: Slug) -> Category | None:
        """One category."""
        return await _category(info.context, slug)

    @resolved("The categories of the whole tree, siblings in their order; or its roots.", CATEGORIES)
    async def categories(
        self,
        info: Info[Context, None],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
    ) -> Connection[Category] | None:
        """A page of the categories that match."""
        page, filter = Page.of_arguments(first, after, last, before), filter or CategoryFilter()
        rows = await info.context.read_model.fetch(*category_lists.page_of_categories(filter, page))
        return connection(
            Category, rows, KEYSET, page, lambda: info.context.count(category_lists.count_of_categories(filter))
        )
