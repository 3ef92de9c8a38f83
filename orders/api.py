"""The HTTP process of `orders`: opens its database, migrates it, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.routing import direct
from chassis.write_service import write_service
from orders import problems, routes
from orders.bulk import routes as bulk_routes
from orders.changes import address_routes, line_routes, status_routes
from orders.imports import routes as import_routes
from orders.settings import MIGRATIONS, database
from orders.statuses import history_routes
from orders.statuses.waiting import Waiting


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops."""
    own = database()
    waiting = Waiting(own)
    made = write_service("orders", "Places and manages orders.", own, MIGRATIONS, problems.TYPES, close=waiting.close)
    made.state.waiting = waiting
    # First: `/orders/bulk` is not an id.
    made.include_router(bulk_routes.router)
    direct.include(made, routes.router)
    for each in (history_routes, status_routes, line_routes, address_routes, import_routes):
        made.include_router(each.router)
    problems.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "orders")
