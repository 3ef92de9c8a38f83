"""The HTTP process of `products`: opens its databases, migrates, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.caching import REVALIDATED
from chassis.http.routing import direct
from chassis.write_service import write_service
from products.bulk import routes as bulk_routes
from products.categories.bulk import router as category_bulk_routes
from products.categories.changes import CategoryChanges
from products.categories.routes import router as category_routes
from products.problems import TYPES
from products.routes import router
from products.settings import MIGRATIONS, database
from search.catalogue import ProductSearches


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops.

    Readiness does not depend on Elasticsearch: without it, everything but the search works.
    """
    mysql, searches = database(), ProductSearches()
    changes = CategoryChanges(mysql)

    async def close() -> None:
        await changes.close()
        await searches.close()

    description = "The catalogue: products by SKU, the tree of their categories, and the search over them."
    made = write_service(
        "products", description, mysql, MIGRATIONS, TYPES, start=changes.start, close=close, caching=REVALIDATED
    )
    made.state.searches = searches
    made.state.category_changes = changes
    made.include_router(category_bulk_routes)  # first: its path is not a slug
    made.include_router(category_routes)
    made.include_router(bulk_routes.router)  # first: its paths are not SKUs
    direct.include(made, router)
    return made


if __name__ == "__main__":
    serve(app(), "products")
