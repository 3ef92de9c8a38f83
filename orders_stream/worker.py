"""The Kafka process of `orders_stream`: reads eleven topics, writes the read model and `orders-graph`."""

from __future__ import annotations

from functools import partial

import asyncpg

from chassis.databases.migrations import migrate_postgres
from chassis.http.errors.problems import Unavailable
from chassis.kafka.batch_producer import Sender
from chassis.kafka.worker import Worker
from chassis.logs import logger
from contracts.orders import ORDERS_GRAPH
from orders_stream import repository
from orders_stream.agents import listen
from orders_stream.expired_schemas import LOOK_EVERY_S, drop_expired
from orders_stream.incomplete import forget_superseded
from orders_stream.publishing import publisher
from orders_stream.settings import MIGRATIONS, read_model

log = logger(__name__)


def main() -> None:
    """Run the worker until SIGTERM."""
    database, sender = read_model(), Sender(ORDERS_GRAPH.name)
    positions = partial(repository.positions, database)

    async def prepare() -> None:
        async with database.connection() as connection:
            await migrate_postgres(connection, MIGRATIONS)

    async def close() -> None:
        await sender.close()
        await database.close()

    worker = Worker(
        "orders_stream",
        "orders_stream",
        checks={"postgres": partial(repository.check_tables, database)},
        prepare=prepare,
        view_offsets=positions,
        close=close,
    )

    async def drop_expired_schemas() -> None:
        try:
            async with database.connection() as connection:
                await drop_expired(connection)
                await forget_superseded(connection)
        except (Unavailable, asyncpg.PostgresError) as error:
            log.warning("expired schemas not dropped", reason=repr(error))

    worker.app.timer(LOOK_EVERY_S)(drop_expired_schemas)
    listen(worker, database, publisher(sender))
    worker.keeps_fresh(partial(repository.note_freshness, database), positions)
    worker.run()


if __name__ == "__main__":
    main()
