"""The HTTP process of the gateway: connects to its databases and serves the schema."""

from __future__ import annotations

import gc

from fastapi.responses import RedirectResponse

from chassis.databases import elasticsearch
from chassis.http import web
from chassis.http.app import serve, service
from gateway import graphiql, settings
from gateway.front import Front
from gateway.live.dispatch import Dispatcher
from gateway.live.hubs import Hubs
from gateway.operations.execution import Executor
from gateway.operations.operations import Operations
from gateway.schema import schema
from gateway.shop import repository
from gateway.shop.context import Context
from gateway.shop.loaders import Loaders
from gateway.shop.share import Share
from search.catalogue import ProductSearches

GARBAGE_AFTER = 20_000
"""The number of new objects after which the youngest are searched for garbage; Python's default is 700.

An answer of 10,000 objects took a fifth of its time to look for garbage among them.
"""


def app() -> Front:
    """The app with its connections, which are closed at shutdown."""
    read_model, search, searches = settings.read_model(), elasticsearch.client(), ProductSearches()
    limits, rates = settings.limits(), settings.rates()
    consistency = settings.consistency(search, limits)
    operations = Operations(schema._schema, limits)
    queries = settings.queries(operations)

    def new_context() -> Context:
        share = Share(read_model)
        return Context(share, searches, Loaders(share), consistency.mark, hubs.cursor, consistency.until_shown)

    hubs = Hubs(schema._schema, settings.live(), new_context)

    async def wait_for_tables() -> None:
        consistency.start()
        hubs.start()
        await repository.check_tables(read_model)

    async def close() -> None:
        await hubs.close()
        await consistency.close()
        await read_model.close()
        await search.close()
        await searches.close()
        await queries.close()

    made = service(
        "gateway",
        "Read-only GraphQL over customers, products and orders, at /graphql.",
        checks={"postgres": read_model.ping},
        prepare=wait_for_tables,
        close=close,
        limits=rates,
    )

    web.serve_assets(made, "graphiql")

    @made.get("/", include_in_schema=False)
    async def to_graphiql() -> RedirectResponse:
        return RedirectResponse("/graphql")

    executor = Executor(schema, operations, queries, read_model, searches, consistency, new_context)
    return Front(made, Dispatcher(executor, hubs), rates, limits, graphiql.page(), settings.timeouts())


if __name__ == "__main__":
    gc.set_threshold(GARBAGE_AFTER)
    serve(app(), "gateway")
