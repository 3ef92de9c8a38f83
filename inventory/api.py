"""The HTTP process of `inventory`: opens its databases, migrates, serves the routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis.http.app import serve
from chassis.http.routing import direct
from chassis.write_service import write_service
from inventory.availability import routes as availability_routes
from inventory.backorders import routes as backorder_routes
from inventory.decisions.knowledge import CachedKnowledge
from inventory.holds import ending_routes, routes
from inventory.holds.gate import Gate
from inventory.orders import routes as sourcing_routes
from inventory.problems import TYPES
from inventory.redis.pipeline import Pipeline
from inventory.redis.stock import RedisStock
from inventory.restocking import routes as restock_routes
from inventory.settings import MIGRATIONS, database, stock_redis
from inventory.stock_policies import routes as policy_routes
from inventory.stores import routes as store_routes


def app() -> FastAPI:
    """The app with its resources, which are closed when it stops.

    Readiness does not depend on Redis: without it, MySQL decides alone.
    """
    mysql, redis = database(), RedisStock(Pipeline(stock_redis()))
    knowledge = CachedKnowledge(mysql)

    async def close() -> None:
        await knowledge.close()
        await redis.close()

    description = "The stock of all stores: what is available, reservations, the sourcing of orders, and restocks."
    made = write_service("inventory", description, mysql, MIGRATIONS, TYPES, close=close)
    made.state.knowledge, made.state.gate = knowledge, Gate(redis)
    direct.include(made, routes.router)
    for each in (
        ending_routes,
        availability_routes,
        sourcing_routes,
        backorder_routes,
        store_routes,
        policy_routes,
        restock_routes,
    ):
        made.include_router(each.router)
    return made


if __name__ == "__main__":
    serve(app(), "inventory")
