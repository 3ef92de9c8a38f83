"""The HTTP process of `orders`: opens its database, makes its tables, serves its routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.write_service import write_service
from orders import history_routes, problems, routes
from orders.bulk import routes as bulk_routes
from orders.changes import address_routes, line_routes, status_routes
from orders.imports import routes as import_routes
from orders.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    made = write_service(
        "orders", "Places orders at today's prices and keeps them.", database(), MIGRATIONS, problems.TYPES
    )
    # The export first: its path is not an id.
    for each in (bulk_routes, routes, history_routes, status_routes, line_routes, address_routes, import_routes):
        made.include_router(each.router)
    problems.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "orders")
