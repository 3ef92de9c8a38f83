"""The HTTP process of `shipping`: opens its database, migrates it, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.write_service import write_service
from shipping.problems import TYPES
from shipping.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops."""
    description = "The shipments of orders, with their parcels and what carriers report."
    return write_service("shipping", description, database(), MIGRATIONS, TYPES)


if __name__ == "__main__":
    serve(app(), "shipping")
