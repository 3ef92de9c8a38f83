"""The HTTP process of `orders`: opens its database, makes its tables, serves its routes."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from chassis import idempotency
from chassis.http import serve, service
from chassis.migrations import migrate_mysql
from chassis.settings import required
from orders import history_routes, import_routes, life_cycle_routes, line_routes, problems, routes
from orders.settings import MIGRATIONS, database


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    orders = database()
    made = service(
        "orders",
        "Places orders at today's prices and keeps them.",
        checks={"mysql": orders.ping},
        prepare=lambda: migrate_mysql(orders, idempotency.MIGRATIONS, MIGRATIONS),
        close=orders.close,
        sweep=partial(idempotency.sweep, orders),
    )
    made.state.database = orders
    made.state.cursor_key = required("OMS_CURSOR_KEY")
    for each in (routes, history_routes, life_cycle_routes, line_routes, import_routes):
        made.include_router(each.router)
    problems.install(made)
    return made


if __name__ == "__main__":
    serve(app(), "orders")
