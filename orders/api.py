"""The HTTP process of `orders`: opens its database, makes its tables, serves its routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.write_service import write_service
from orders import (
    address_routes,
    export_routes,
    history_routes,
    import_routes,
    life_cycle_routes,
    line_routes,
    problems,
    routes,
)
from orders.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    made = write_service(
        "orders", "Places orders at today's prices and keeps them.", database(), MIGRATIONS, problems.TYPES
    )
    # The export first: its path is not an id.
    for each in (export_routes, routes, history_routes, life_cycle_routes, line_routes, address_routes, import_routes):
        made.include_router(each.router)
    problems.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "orders")
