"""The HTTP process of `customers`: opens its database, migrates it, serves the routes."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.routing import direct
from chassis.write_service import write_service
from customers import address_routes, routes, words
from customers.bulk import routes as bulk_routes
from customers.problems import TYPES
from customers.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops."""
    mysql = database()
    fill_words = partial(words.fill, mysql)
    made = write_service("customers", "Customers and their addresses.", mysql, MIGRATIONS, TYPES, start=fill_words)
    made.include_router(bulk_routes.router)  # first: its paths are not ids
    direct.include(made, routes.router)
    made.include_router(address_routes.router)
    return made


if __name__ == "__main__":
    serve(app(), "customers")
