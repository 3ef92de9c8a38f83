"""The HTTP process of `shipping`: opens its database, migrates it, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.routing import direct
from chassis.write_service import write_service
from shipping import problems
from shipping.carriers import routes as carrier_routes
from shipping.days import delivery_routes
from shipping.days import routes as day_routes
from shipping.depots import routes as depot_routes
from shipping.orders import planning_routes
from shipping.problems import TYPES
from shipping.returns import command_routes as return_command_routes
from shipping.returns import routes as return_routes
from shipping.settings import MIGRATIONS, database
from shipping.shipments import command_routes, routes


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops."""
    description = (
        "The shipments of orders, with their parcels, delivery days and what carriers report, and returns with refunds."
    )
    made = write_service("shipping", description, database(), MIGRATIONS, TYPES)
    made.include_router(routes.router)
    made.include_router(planning_routes.router)
    direct.include(made, command_routes.router)
    for each in (carrier_routes, return_routes, return_command_routes, depot_routes, day_routes, delivery_routes):
        made.include_router(each.router)
    problems.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "shipping")
