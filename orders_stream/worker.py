"""The Kafka process of `orders_stream`: reads five topics, writes the read model and `orders-graph`."""

from __future__ import annotations

from chassis.migrations import migrate_postgres
from chassis.worker import Worker
from orders_stream.agents import listen
from orders_stream.publishing import publisher
from orders_stream.settings import MIGRATIONS, read_model


def main() -> None:
    """Run the worker until SIGTERM."""
    database = read_model()

    async def prepare() -> None:
        async with database.connection() as connection:
            await migrate_postgres(connection, MIGRATIONS)

    worker = Worker(
        "orders_stream",
        "orders_stream",
        checks={"postgres": database.ping},
        prepare=prepare,
        close=database.close,
    )
    listen(worker, database, publisher(worker.app))
    worker.run()


if __name__ == "__main__":
    main()
