"""The HTTP process of `products`: opens its stores, makes its tables, serves its routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis import elasticsearch
from chassis.http import serve, service
from chassis.migrations import migrate_mysql
from products import bulk_routes
from products.routes import router
from products.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops.

    Elasticsearch is not asked about for readiness: without it, all but the search by text works.
    """
    products, search = database(), elasticsearch.client()

    async def close() -> None:
        await search.close()
        await products.close()

    made = service(
        "products",
        "The catalogue: products by SKU, and the search over them.",
        checks={"mysql": products.ping},
        prepare=lambda: migrate_mysql(products, MIGRATIONS),
        close=close,
    )
    made.state.database = products
    made.state.search = search
    made.include_router(bulk_routes.router)  # first: its paths are not SKUs
    made.include_router(router)
    return made


if __name__ == "__main__":
    serve(app(), "products")
