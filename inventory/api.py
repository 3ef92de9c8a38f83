"""The HTTP process of `inventory`: opens its databases, migrates, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.write_service import write_service
from inventory.availability import routes as availability_routes
from inventory.holds import routes as hold_routes
from inventory.knowledge import CachedKnowledge
from inventory.problems import TYPES
from inventory.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops."""
    mysql = database()
    knowledge = CachedKnowledge(mysql)
    description = "The stock of all stores: what is available, reservations, and the sourcing of orders."
    made = write_service("inventory", description, mysql, MIGRATIONS, TYPES, close=knowledge.close)
    made.state.knowledge = knowledge
    made.include_router(availability_routes.router)
    made.include_router(hold_routes.router)
    return made


if __name__ == "__main__":
    serve(app(), "inventory")
