"""The HTTP process of `products`: opens its databases, migrates, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.caching import REVALIDATED
from chassis.write_service import write_service
from products.bulk import routes as bulk_routes
from products.problems import TYPES
from products.routes import router
from products.settings import MIGRATIONS, database
from search.catalogue import ProductSearches


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops.

    Readiness does not depend on Elasticsearch: without it, everything but the search works.
    """
    searches = ProductSearches()
    description = "The catalogue: products by SKU, and the search over them."
    made = write_service(
        "products", description, database(), MIGRATIONS, TYPES, close=searches.close, caching=REVALIDATED
    )
    made.state.searches = searches
    made.include_router(bulk_routes.router)  # first: its paths are not SKUs
    made.include_router(router)
    return made


if __name__ == "__main__":
    serve(app(), "products")
