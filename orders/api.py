"""The HTTP process of `orders`: opens its database, makes its tables, serves its routes."""

from __future__ import annotations

from fastapi import FastAPI

from chassis import settings
from chassis.http import serve, service
from chassis.migrations import migrate_mysql
from chassis.rate_limits import RateLimits
from orders import refusals
from orders.routes import router
from orders.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    orders = database()
    made = service(
        "orders",
        "Places orders at today's prices and keeps them.",
        checks={"mysql": orders.ping},
        prepare=lambda: migrate_mysql(orders, MIGRATIONS),
        close=orders.close,
        limits=RateLimits("orders", settings.rate_limit(), settings.redis("OMS_REDIS_PASSWORD")),
    )
    made.state.database = orders
    made.include_router(router)
    refusals.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "orders")
