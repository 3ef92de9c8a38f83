"""The HTTP process of `customers`: opens its database, makes its tables, serves its routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http import serve, service
from chassis.migrations import migrate_mysql
from customers import address_routes, bulk_routes, routes
from customers.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    customers = database()
    made = service(
        "customers",
        "Customers and their addresses.",
        checks={"mysql": customers.ping},
        prepare=lambda: migrate_mysql(customers, MIGRATIONS),
        close=customers.close,
    )
    made.state.database = customers
    made.include_router(bulk_routes.router)  # first: its paths are not ids
    made.include_router(routes.router)
    made.include_router(address_routes.router)
    return made


if __name__ == "__main__":
    serve(app(), "customers")
