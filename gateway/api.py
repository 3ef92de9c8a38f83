"""The HTTP process of the gateway: opens its stores, serves the schema."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from chassis import elasticsearch, web
from chassis.http import serve, service
from gateway import repository, settings
from gateway.context import Context
from gateway.http import Router
from gateway.loaders import Loaders


def app() -> FastAPI:
    """The whole app with what it needs, closed when it stops."""
    read_model, search = settings.read_model(), elasticsearch.client()

    async def wait_for_tables() -> None:
        async with read_model.connection() as connection:
            await repository.check_tables(connection)

    async def close() -> None:
        await read_model.close()
        await search.close()

    made = service(
        "gateway",
        "Customers, products and orders, to read: GraphQL at /graphql.",
        checks={"postgres": read_model.ping},
        prepare=wait_for_tables,
        close=close,
        takes_any_parameter=True,  # those of GraphQL are Strawberry's to read
    )
    made.include_router(Router(lambda: Context(read_model, search, Loaders(read_model))))

    web.serve_assets(made, "graphiql")

    @made.get("/", include_in_schema=False)
    async def to_graphiql() -> RedirectResponse:
        return RedirectResponse("/graphql")

    return made


if __name__ == "__main__":
    serve(app(), "gateway")
