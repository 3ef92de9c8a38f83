"""The HTTP app of a store: its database, which it migrates, and the routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI

from chassis.databases.mysql import Database
from chassis.write_service import write_service
from stores import routes
from stores.allocations import routes as allocation_routes
from stores.bulk import routes as bulk_routes
from stores.problems import TYPES
from stores.settings import MIGRATIONS, database, store_id

DESCRIPTION = "The stock of one store: what is on the shelf, every movement that led there, and what orders have of it."


def app(
    *,
    mysql: Database | None = None,
    start: Callable[[], Awaitable[None]] | None = None,
    close: Callable[[], Awaitable[None]] | None = None,
    degraded: Callable[[], Mapping[str, str]] = dict,
) -> FastAPI:
    """The app with its resources, which are closed when it stops. `start` and `close` are for work beside it."""
    made = write_service(
        "stores", DESCRIPTION, mysql or database(), MIGRATIONS, TYPES, start=start, close=close, degraded=degraded
    )
    made.state.store_id = store_id()
    made.include_router(bulk_routes.router)
    made.include_router(routes.router)
    made.include_router(allocation_routes.router)
    return made
