"""What the examples of the OpenAPI document of `products` refer to, so that they are not refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.databases.elasticsearch import client
from contracts.products import SEARCH_INDEX
from products.categories.examples import NEW_CATEGORY
from products.examples import NEW_PRODUCT
from products.indexing import indices, search
from tests.support.shop import builders

PARENT: str = NEW_CATEGORY["parent"]


@asynccontextmanager
async def a_catalogue_of_the_examples() -> AsyncIterator[None]:
    """The index that the products worker makes, and a product in a category below another. The service runs."""
    elasticsearch = client()
    await search.make_index(elasticsearch, replicas=0)
    async with builders.client("products") as products:
        for path, body in [
            ("/categories", {"slug": PARENT, "name": "Drinks"}),
            ("/categories", NEW_CATEGORY),
            ("/products", NEW_PRODUCT),
        ]:
            (await products.post(path, json=body)).raise_for_status()
    yield
    await elasticsearch.indices.delete(index=await indices.index_of(elasticsearch, SEARCH_INDEX) or "")
    await elasticsearch.close()
